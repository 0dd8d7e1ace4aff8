/** Numbers as Go's fmt writes them, which Prometheus' templates do. */

const special = (value: number): string | undefined =>
  Number.isNaN(value) ? "NaN" : value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : undefined;

/** The most digits that JavaScript writes; a number halfway between two shorter ones has fewer. */
const EXACT = 100;

/** Halfway between two numbers Go rounds to the even one, and JavaScript to the greater one. */
function atTieEven(rounded: string, exact: string, digits: number): string {
  const [, cut = "", rest = "", power = ""] =
    new RegExp(`^(-?\\d+${digits > 0 ? `\\.\\d{${digits}}` : ""})\\.?(\\d*)(e.*)?$`).exec(exact) ?? [];
  return /^50*$/.test(rest) && /[02468]$/.test(cut) ? cut + power : rounded;
}

/** Go writes at least two digits of an exponent. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");

/** `%v`: the fewest digits that are read as the same number. */
export function plainNumber(value: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return exponent(value.toExponential());
  return exponent(Object.is(value, -0) ? "-0" : String(value));
}

/** `%.<digits>g`: so many significant digits, trailing zeros left out. */
export function significant(value: number, digits: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", power = "0"] = atTieEven(
    value.toExponential(digits - 1),
    value.toExponential(EXACT),
    digits - 1,
  ).split("e");
  const trimmed = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (Number(power) < -4 || Number(power) >= digits) return exponent(`${trimmed(mantissa)}e${power}`);
  return trimmed(fixed(value, Math.max(0, digits - 1 - Number(power))));
}

/** `%.<digits>f`. */
export function fixed(value: number, digits: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  // Such a number is an integer, and JavaScript would write it with an exponent.
  if (Math.abs(value) >= 1e21)
    return digits === 0 ? `${BigInt(value)}` : `${BigInt(value)}.${"0".repeat(digits)}`;
  return atTieEven(value.toFixed(digits), value.toFixed(EXACT), digits);
}

/** `%.<digits>e`. */
export function scientific(value: number, digits: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  if (Object.is(value, -0)) return `-${scientific(0, digits)}`;
  return exponent(atTieEven(value.toExponential(digits), value.toExponential(EXACT), digits));
}
