/** Numbers of one kind as pixels. */
export interface Scale {
  (value: number): number;
  readonly min: number;
  readonly max: number;
}

export function linear(
  { min, max }: { readonly min: number; readonly max: number },
  from: number,
  to: number,
): Scale {
  const perUnit = max > min ? (to - from) / (max - min) : 0;
  return Object.assign((value: number) => from + (value - min) * perUnit, { min, max });
}

const STEPS = [1, 2, 2.5, 5, 10];

/** Round numbers from `min` to `max`, about as many as wanted. */
export function ticks(min: number, max: number, about: number): number[] {
  if (!(max > min)) return [min];
  const rough = (max - min) / Math.max(1, about);
  let power = 1;
  while (power * 10 <= rough) power *= 10;
  while (power > rough) power /= 10;
  const step = (STEPS.find((one) => one * power >= rough) ?? 10) * power;
  const found: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++)
    found.push(Math.round(i * step * 1e6) / 1e6 + 0);
  return found;
}

/** The smallest round number that is no less. */
export const roundUp = (value: number): number => {
  if (!(value > 0)) return 1;
  const marks = ticks(0, value, 5);
  const step = (marks[1] ?? value) - (marks[0] ?? 0);
  return Math.ceil(value / step - 1e-9) * step;
};
