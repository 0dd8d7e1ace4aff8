import type { Labels } from "./samples.ts";

/** A label's value, empty when there is no such label: inherited properties of that name do not count. */
export const labelValue = (labels: Labels, name: string): string =>
  Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
