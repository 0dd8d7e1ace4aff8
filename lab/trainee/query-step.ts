/** Points over a range without a given step: as many as a terminal is wide. */
const POINTS = 60;

/** Seconds between two points of a range, in whole ones. */
export const stepFor = (rangeSeconds: number): number => Math.max(1, Math.ceil(rangeSeconds / POINTS));
