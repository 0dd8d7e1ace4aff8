import type { Labels } from "./samples.ts";

/** A label's value, empty when there is no such label: also where every object has something of that name. */
export const labelValue = (labels: Labels, name: string): string =>
  Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
