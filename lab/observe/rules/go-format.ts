/** Numbers as Go's fmt writes them, which Prometheus' templates do. */

const special = (value: number): string | undefined =>
  Number.isNaN(value) ? "NaN" : value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : undefined;

/** Go writes at least two digits of an exponent. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");

/** `%v`: as many digits as tell the number from its neighbours. */
export function plainNumber(value: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return exponent(value.toExponential());
  return exponent(Object.is(value, -0) ? "-0" : String(value));
}

/** `%.<digits>g`: so many digits that count, trailing zeros left out. */
export function significant(value: number, digits: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", power = "0"] = value.toExponential(digits - 1).split("e");
  const trimmed = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (Number(power) < -4 || Number(power) >= digits) return exponent(`${trimmed(mantissa)}e${power}`);
  return trimmed(value.toFixed(Math.max(0, digits - 1 - Number(power))));
}

/** `%.<digits>f`. */
export const fixed = (value: number, digits: number): string => special(value) ?? value.toFixed(digits);
