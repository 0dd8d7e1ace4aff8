import type { Labels } from "../samples.ts";

/** The order of a notification's alerts in Alertmanager: by job, by instance, and then by all labels. */
export function compareLabels(a: Labels, b: Labels): number {
  for (const name of ["job", "instance"]) {
    const [one, other] = [a[name], b[name]];
    if (one === other) continue;
    if (one === undefined) return 1;
    if (other === undefined) return -1;
    return one < other ? -1 : 1;
  }
  const [ofA, ofB] = [Object.keys(a), Object.keys(b)];
  if (ofA.length !== ofB.length) return ofA.length - ofB.length;
  for (const name of [...ofA, ...ofB].sort()) {
    const [one, other] = [a[name], b[name]];
    if (one === other) continue;
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
