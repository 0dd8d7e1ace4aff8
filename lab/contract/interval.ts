/** An exact 95 % interval for a share, after Clopper and Pearson (1934). Ratios 0..1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const TAIL = 0.025;
/** Halvings: each gives one more binary digit. */
const STEPS = 60;

export function exactInterval(events: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  return {
    // The share at which so many events or more would be as rare as the tail, and the one for so many or fewer.
    low: events === 0 ? 0 : rootOf((share) => 1 - atMost(events - 1, trials, share) - TAIL),
    high: events === trials ? 1 : rootOf((share) => TAIL - atMost(events, trials, share)),
  };
}

/** Where a function that grows from below zero to above it in 0..1 is zero. */
function rootOf(grows: (share: number) => number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (grows(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability of at most so many events. By logarithms: the factors alone leave the range of a number. */
function atMost(events: number, trials: number, share: number): number {
  if (share <= 0) return 1;
  if (share >= 1) return events >= trials ? 1 : 0;
  let logTerm = trials * Math.log1p(-share);
  const logOdds = Math.log(share) - Math.log1p(-share);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= events; i++) {
    logTerm += Math.log((trials - i + 1) / i) + logOdds;
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
