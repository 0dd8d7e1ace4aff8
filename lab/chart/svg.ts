/** A piece of an SVG document: a page makes elements of it, a file text. */
export interface Svg {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Svg | string)[];
}

type Value = string | number | undefined;

const ESCAPED: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** What XML 1.0 has no way to write, not even as a reference. */
// oxlint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDFFF]/gu;

const escaped = (text: string): string =>
  text.replaceAll(UNWRITABLE, "\uFFFD").replaceAll(/[&<>"]/g, (sign) => ESCAPED[sign] ?? sign);

/** Coordinates to a tenth of a pixel: more is not seen, and doubles the file. */
const written = (value: string | number): string =>
  typeof value === "number" ? String(Math.round(value * 10) / 10) : value;

/** One element; attributes that are undefined are left out. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, Value>>,
  ...children: readonly (Svg | string)[]
): Svg => ({
  name,
  attributes: Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, written(value)]],
    ),
  ),
  children,
});

/** One line of text at (x, y), its baseline. */
export const textAt = (
  x: number,
  y: number,
  text: string,
  attributes: Readonly<Record<string, Value>> = {},
): Svg => element("text", { x, y, ...attributes }, text);

/** As the text of a file, escaped. */
export function svgText({ name, attributes, children }: Svg): string {
  const given = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join("");
  const inner = children.map((child) => (typeof child === "string" ? escaped(child) : svgText(child)));
  return inner.length === 0 ? `<${name}${given}/>` : `<${name}${given}>${inner.join("")}</${name}>`;
}

/** A path through points. */
export const pathThrough = (points: readonly (readonly [number, number])[], closed = false): string =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${written(x)} ${written(y)}`).join("") +
  (closed ? "Z" : "");
