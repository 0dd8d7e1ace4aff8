/** Sums that lose nothing to rounding (Neumaier's variant of Kahan's), as Prometheus makes them. */
export function sumOf(values: Float64Array, count: number): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const next = sum + value;
    if (!Number.isFinite(next)) lost = 0;
    else if (Math.abs(sum) >= Math.abs(value)) lost += sum - next + value;
    else lost += value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** Mean and population variance in one pass (Welford). */
export function spreadOf(values: Float64Array, count: number): { mean: number; variance: number } {
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const delta = value - mean;
    mean += delta / (i + 1);
    squares += delta * (value - mean);
  }
  return { mean, variance: squares / count };
}

/** The q-quantile, between two values by linear interpolation; NaN sorts first. */
export function quantileOf(q: number, values: Float64Array, count: number): number {
  if (count === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const sorted = [...values.subarray(0, count)].sort(byValue);
  const rank = q * (count - 1);
  const low = Math.max(0, Math.floor(rank));
  const high = Math.min(count - 1, low + 1);
  const weight = rank - Math.floor(rank);
  return (sorted[low] ?? Number.NaN) * (1 - weight) + (sorted[high] ?? Number.NaN) * weight;
}

/** Ascending, NaN first. */
export function byValue(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  return Number.isNaN(b) ? 1 : a - b;
}

/** `base` to the power of `exponent`, the same on every version of Node, which the built-in is not. */
export function power(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN;
  if (Number.isInteger(exponent) && Math.abs(exponent) < 1024) {
    let result = 1;
    let factor = base;
    for (let left = Math.abs(exponent); left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) result *= factor;
      factor *= factor;
    }
    return exponent < 0 ? 1 / result : result;
  }
  if (exponent === 0.5 && base >= 0) return Math.sqrt(base);
  const odd = Math.abs(exponent % 2) === 1;
  if (base < 0 && !Number.isInteger(exponent) && Number.isFinite(exponent) && Number.isFinite(base))
    return Number.NaN;
  const size = Math.exp(exponent * Math.log(Math.abs(base)));
  return base === -1 ? 1 : base < 0 && odd ? -size : size;
}
