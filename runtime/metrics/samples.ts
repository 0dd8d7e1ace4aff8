import type { MetricFamily, Series } from "./family.ts";

/** One number of an exposition. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A metric's samples: of a histogram its cumulative buckets, its sum and its count. */
export function samplesOf(family: MetricFamily): readonly MetricSample[] {
  const { name, labelNames } = family;
  const labelsOf = ({ labelValues }: Series): Record<string, string> =>
    Object.fromEntries(labelNames.map((label, i) => [label, labelValues[i] ?? ""]));
  if (family.type !== "histogram")
    return Array.from(family.series(), (one) => ({ name, labels: labelsOf(one), value: one.value }));
  return Array.from(family.series()).flatMap((one) => {
    const labels = labelsOf(one);
    const { counts, sum, count } = one.buckets;
    let below = 0;
    return [
      ...family.bounds.map((le, i) => ({
        name: `${name}_bucket`,
        labels: { le, ...labels },
        value: (below += counts[i] ?? 0),
      })),
      { name: `${name}_bucket`, labels: { le: "+Inf", ...labels }, value: count },
      { name: `${name}_sum`, labels, value: sum },
      { name: `${name}_count`, labels, value: count },
    ];
  });
}
