/** One value of a series in promtool's notation: undefined where there is no sample. */
export type NotedValue = number | "stale" | undefined;

const DIGITS = String.raw`(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const ITEM = new RegExp(`^([+-]?(?:${DIGITS}|inf|nan)|_|stale)(?:([+-]${DIGITS})?x(\\d+))?$`, "i");

/** `0+10x5 _ stale` as promtool reads it: `a+bxn` is a and n more, each b greater. Throws on what it would not read. */
export function parseSeriesNotation(text: string): readonly NotedValue[] {
  return text.trim().split(/\s+/).flatMap(parseItem);
}

function parseItem(item: string): NotedValue[] {
  const [, start, step, times] = ITEM.exec(item) ?? [];
  if (start === undefined) throw new Error(`not a value of a series: ${item}`);
  if (start === "_") {
    if (step !== undefined) throw new Error(`nothing cannot grow: ${item}`);
    // Unlike a value's, the count of gaps is all of them.
    return Array.from({ length: times === undefined ? 1 : Number(times) }, () => undefined);
  }
  if (start === "stale") {
    if (times !== undefined) throw new Error(`a series ends once: ${item}`);
    return ["stale"];
  }
  const first = Number(start.replace(/inf/i, "Infinity"));
  // Step by step, as promtool adds it up.
  const values = [first];
  for (let i = 0; i < Number(times ?? 0); i++) values.push((values.at(-1) ?? first) + Number(step ?? 0));
  return values;
}
