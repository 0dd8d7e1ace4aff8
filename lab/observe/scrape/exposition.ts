/** One line of a text exposition. */
export interface ExposedSample {
  /** Name and labels as in the text: equal text, equal series. */
  readonly series: string;
  readonly value: number;
  /** Epoch ms, where the target gives a timestamp. */
  readonly atMs: number | undefined;
}

/** Why a target's answer is no text exposition, with the line (from 1). */
export class ExpositionError extends Error {
  override readonly name = "ExpositionError";
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(inity)?$/i;

/**
 * Calls `take` with every sample of Prometheus' text format 0.0.4. Only splits lines into series and value, because
 * every scrape has the same series: `parseSeries` parses the left part once. Throws ExpositionError.
 */
export function readExposition(text: string, take: (sample: ExposedSample) => void): void {
  let lineNumber = 0;
  for (let from = 0; from < text.length;) {
    lineNumber += 1;
    let to = text.indexOf("\n", from);
    if (to < 0) to = text.length;
    if (to > from && text[from] !== "#") {
      const line = text.slice(from, to).trim();
      if (line !== "" && !line.startsWith("#")) take(readLine(line, lineNumber));
    }
    from = to + 1;
  }
}

function readLine(line: string, lineNumber: number): ExposedSample {
  // Values hold no brace: the last one ends the labels, whatever their quoted values hold.
  const brace = line.lastIndexOf("}");
  const cut = brace >= 0 ? brace + 1 : line.search(/[ \t]/);
  const rest = cut < 0 ? "" : line.slice(cut).trim();
  const space = rest.search(/[ \t]/);
  const value = valueOf(space < 0 ? rest : rest.slice(0, space));
  const stamp = space < 0 ? "" : rest.slice(space).trim();
  if (value === undefined || cut === 0 || (stamp !== "" && !/^-?\d+$/.test(stamp)))
    throw new ExpositionError(`line ${lineNumber} is no sample: ${line.slice(0, 100)}`);
  return { series: line.slice(0, cut), value, atMs: stamp === "" ? undefined : Number(stamp) };
}

function valueOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? Number.NaN : undefined;
}

const NAME = /^[A-Za-z_:][\w:]*/;
const LABEL = /\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,|(?=\}))/y;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", '"': '"', "\\": "\\" };

/** `name{label="value"}` as labels, the name as `__name__`; empty labels left out. Throws ExpositionError. */
export function parseSeries(series: string): Record<string, string> {
  const [name = ""] = NAME.exec(series) ?? [];
  const labels: Record<string, string> = { __name__: name };
  const rest = series.slice(name.length).trimStart();
  if (name === "" || (rest !== "" && !(rest.startsWith("{") && rest.endsWith("}"))))
    throw new ExpositionError(`not a series: ${series.slice(0, 100)}`);
  LABEL.lastIndex = 1;
  let at = 1;
  while (rest.slice(at, -1).trim() !== "") {
    LABEL.lastIndex = at;
    const [, label, value = ""] = LABEL.exec(rest) ?? [];
    if (label === undefined || Object.hasOwn(labels, label))
      throw new ExpositionError(`not a series: ${series.slice(0, 100)}`);
    if (value !== "") labels[label] = value.replaceAll(/\\(.)/g, (_all, c: string) => ESCAPED[c] ?? `\\${c}`);
    at = LABEL.lastIndex;
  }
  return labels;
}
