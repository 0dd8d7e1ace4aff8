/** Numbers as Go writes them. */

/** As Prometheus' API writes a value: the shortest text that is read as the same number. */
export function formatValue(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The same without an exponent, however large or small: the label values of count_values. */
export function formatFixed(value: number): string {
  const text = formatValue(value);
  const [, sign = "", first = "", rest = "", exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0");
}

/** As %g: an exponent of two digits below 1e-4 and from 1e21 on. */
export function formatGeneral(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatValue(value);
  const exponent = Number(/e([+-]\d+)$/.exec(value.toExponential())?.[1] ?? 0);
  if (exponent >= -4 && exponent < 21) return formatFixed(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
