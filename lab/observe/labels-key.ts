import type { Labels } from "./samples.ts";

/** Equal for equal labels, whatever their order. */
export const labelsKey = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** To Prometheus and Alertmanager a label with an empty value is none. */
export const withoutEmpty = (labels: Labels): Labels =>
  Object.values(labels).includes("")
    ? Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""))
    : labels;

/** The order in which Prometheus lists series: pair by pair, by name and then by value. */
export function compareLabels(a: Labels, b: Labels): number {
  const [pairsOfA, pairsOfB] = [a, b].map((labels) =>
    Object.entries(labels).sort(([one], [other]) => compareTexts(one, other)),
  );
  for (const [i, [name, value]] of (pairsOfA ?? []).entries()) {
    const [otherName, otherValue] = pairsOfB?.[i] ?? [];
    if (otherName === undefined || otherValue === undefined) return 1;
    const order = compareTexts(name, otherName) || compareTexts(value, otherValue);
    if (order !== 0) return order;
  }
  return (pairsOfA?.length ?? 0) - (pairsOfB?.length ?? 0);
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
