/** The same library in one file: it loads in a tenth of the time. */
declare module "echarts/dist/echarts.esm.min.mjs" {
  export * from "echarts";
}
