/** Texts that the bundler puts into the script. */
declare module "*?raw" {
  const text: string;
  export default text;
}

/** Version of the lab, put in by the bundler. */
declare const LAB_RELEASE: string;

/** Styles that the bundler takes out of a script. */
declare module "*.css";
