import type { Labels } from "./samples.ts";

/** Equal for equal labels, whatever their order. */
export const labelsKey = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** To Prometheus and Alertmanager a label with an empty value is none. */
export const withoutEmpty = (labels: Labels): Labels =>
  Object.values(labels).includes("")
    ? Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""))
    : labels;
