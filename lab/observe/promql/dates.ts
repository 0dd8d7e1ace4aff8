/** Parts of a UTC date that JavaScript has no method for. */

const DAY_MS = 86_400_000;

/** 1 to 366. */
export const dayOfYear = (date: Date): number =>
  Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - firstOfYear(date)) / DAY_MS,
  ) + 1;

/** 28 to 31. */
export const daysInMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

const firstOfYear = (date: Date): number => Date.UTC(date.getUTCFullYear(), 0, 1);
