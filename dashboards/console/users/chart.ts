/** One figure over time; undefined where it is not known. */
export interface Sample {
  readonly at: number;
  readonly value: number | undefined;
}

/** Where a chart's time and values lie, in its own pixels. */
export interface Frame {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly width: number;
}

export const xOf = ({ from, to, left, width }: Frame, at: number): number =>
  left + ((at - from) / Math.max(1, to - from)) * width;

/** The next of 1, 2, 5, 10 and so on, that no value exceeds. */
export function ceilingOf(values: readonly (number | undefined)[], least: number): number {
  const most = values.reduce<number>((top, value) => Math.max(top, value ?? 0), least);
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((step) => step * power >= most * 0.9999) ?? 10) * power;
}

/** At most `most` points, each the highest of its stretch of time: a peak is never drawn smaller than it was. */
export function peaks(samples: readonly Sample[], most: number): readonly Sample[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || samples.length <= most) return samples;
  const stretch = (last.at - first.at + 1) / most;
  const highest = new Map<number, Sample>();
  for (const sample of samples) {
    const place = Math.floor((sample.at - first.at) / stretch);
    const known = highest.get(place);
    if (!known || (sample.value ?? -1) > (known.value ?? -1)) highest.set(place, sample);
  }
  return [...highest.values()];
}

/** A line through what is known, broken where it is not. `top` is where `ceiling` lies, `base` where 0 does. */
export function lineOf(
  samples: readonly Sample[],
  frame: Frame,
  { top, base, ceiling }: { readonly top: number; readonly base: number; readonly ceiling: number },
): string {
  let isOpen = false;
  return samples
    .map(({ at, value }) => {
      if (value === undefined) {
        isOpen = false;
        return "";
      }
      const step = isOpen ? "L" : "M";
      isOpen = true;
      return `${step}${xOf(frame, at).toFixed(1)} ${(base - (Math.min(value, ceiling) / ceiling) * (base - top)).toFixed(1)}`;
    })
    .join("");
}

const TICK_STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/** Round moments between the ends of a chart, at most as many as asked for. */
export function ticksOf({ from, to }: Pick<Frame, "from" | "to">, most: number): readonly number[] {
  const step = (TICK_STEPS_S.find((s) => (to - from) / (s * 1000) <= most) ?? 3600) * 1000;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** At most `most` of them, evenly, the last one among them. */
export function evenly<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]).filter(
    (one): one is T => one !== undefined,
  );
}

/** Where a cursor goes by a key; undefined: the key is none of its own. `at` undefined is the latest. */
export function cursorAfter(key: string, at: number | undefined, count: number): number | undefined {
  const place = at ?? count - 1;
  const goes: Record<string, number> = {
    ArrowLeft: place - 1,
    ArrowRight: place + 1,
    PageUp: place - 20,
    PageDown: place + 20,
    Home: 0,
    End: count - 1,
  };
  const to = goes[key];
  return to === undefined ? undefined : Math.min(Math.max(0, count - 1), Math.max(0, to));
}
