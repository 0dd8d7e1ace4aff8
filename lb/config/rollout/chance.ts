/** How likely a difference between two arms is by chance alone. */

/** So many of so many. */
export interface Part {
  readonly hits: number;
  readonly of: number;
}

/**
 * Fisher's exact test, one-sided: the probability (0..1) that `one` has so many hits or more, if hits fell on the requests of both
 * by chance. Exact also where there are few, or none.
 */
export function chanceOfSoMany(one: Part, other: Part): number {
  const hits = one.hits + other.hits;
  const all = one.of + other.of;
  const most = Math.min(hits, one.of);
  let sum = 0;
  for (let k = one.hits; k <= most; k++) {
    const p = Math.exp(lnChoose(one.of, k) + lnChoose(other.of, hits - k) - lnChoose(all, hits));
    sum += p;
    // Past its peak each term is smaller than the one before: the rest adds nothing.
    if (p < 1e-12 && k > (hits * one.of) / all) break;
  }
  return Math.min(1, sum);
}

/** The least that a share of `hits` among `of` is in truth, at `z` standard errors: Wilson's interval. */
export function leastShare({ hits, of }: Part, z: number): number {
  if (of === 0) return 0;
  const p = hits / of;
  const z2 = z * z;
  const middle = p + z2 / (2 * of);
  const spread = z * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of * of));
  return Math.max(0, (middle - spread) / (1 + z2 / of));
}

function lnChoose(n: number, k: number): number {
  return k < 0 || k > n ? -Infinity : lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);
}

/** Stirling's series, which is exact to 12 digits from 16 on. */
function lnFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n * n * n);
}
