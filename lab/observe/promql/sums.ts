/** A sum with compensated rounding (Neumaier's variant of Kahan's), as in Prometheus. */
export function sumOf(values: Float64Array, count: number): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const next = sum + value;
    if (next === Infinity || next === -Infinity) lost = 0;
    else if (Math.abs(sum) >= Math.abs(value)) lost += sum - next + value;
    else lost += value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** A running sum, and its rounding error. */
class Sum {
  sum = 0;
  lost = 0;

  add(value: number): void {
    const next = this.sum + value;
    if (next === Infinity || next === -Infinity) this.lost = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.lost += this.sum - next + value;
    else this.lost += value - next + this.sum;
    this.sum = next;
  }

  scale(by: number): void {
    this.sum *= by;
    this.lost *= by;
  }

  get total(): number {
    return this.sum + this.lost;
  }
}

const createSum = (): Sum => new Sum();

/** The mean: by the sum, or where that would be infinite, by a running mean. */
export function meanOf(values: Float64Array, count: number): number {
  const sum = createSum();
  sum.sum = values[0] ?? Number.NaN;
  let incremental = false;
  for (let i = 1; i < count; i++) {
    const value = values[i] ?? 0;
    if (!incremental) {
      const { sum: before, lost } = sum;
      sum.add(value);
      if (sum.sum !== Infinity && sum.sum !== -Infinity) continue;
      incremental = true;
      sum.sum = before / i;
      sum.lost = lost / i;
    }
    sum.scale(i / (i + 1));
    sum.add(value / (i + 1));
  }
  return incremental ? sum.total : sum.sum / count + sum.lost / count;
}

/** The population variance in one pass (Welford). */
export function varianceOf(values: Float64Array, count: number): number {
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const delta = value - mean;
    mean += delta / (i + 1);
    squares += delta * (value - mean);
  }
  return squares / count;
}

/** The same with compensated rounding: Prometheus does so over time, and not over series. */
export function varianceOverTime(values: Float64Array, count: number): number {
  const mean = createSum();
  const squares = createSum();
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const delta = value - mean.total;
    mean.add(delta / (i + 1));
    squares.add(delta * (value - mean.total));
  }
  return squares.total / count;
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
  return Number.isNaN(b) ? 1 : a < b ? -1 : Number(a > b);
}

/** Slope a second and value at `atMs` of the line with the least squares through the samples. */
export function regression(
  {
    times,
    values,
    count,
  }: { readonly times: Float64Array; readonly values: Float64Array; readonly count: number },
  atMs: number,
): { readonly slope: number; readonly value: number } {
  const [x, y, xy, xx] = [createSum(), createSum(), createSum(), createSum()];
  let constant = true;
  for (let i = 0; i < count; i++) {
    const seconds = ((times[i] ?? 0) - atMs) / 1000;
    const value = values[i] ?? 0;
    if (value !== values[0]) constant = constant && i === 0;
    x.add(seconds);
    y.add(value);
    xy.add(seconds * value);
    xx.add(seconds * seconds);
  }
  if (constant) {
    const level = values[0] ?? 0;
    return Math.abs(level) === Infinity
      ? { slope: Number.NaN, value: Number.NaN }
      : { slope: 0, value: level };
  }
  const slope = (xy.total - (x.total * y.total) / count) / (xx.total - (x.total * x.total) / count);
  return { slope, value: y.total / count - (slope * x.total) / count };
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
