import { parseDuration, parseNumber } from "../../lab/observe/promql/literals.ts";
import { parseExpression } from "../../lab/observe/promql/parse.ts";
import type { Labels } from "../../lab/observe/samples.ts";
import { parseSeriesNotation, type NotedValue } from "./series-notation.ts";

/** A value of a series in a suite: a native histogram is noted, not read. */
export type SuiteValue = NotedValue | "histogram";

export interface NotedSeries {
  readonly labels: Labels;
  readonly values: readonly SuiteValue[];
}

export interface Load {
  readonly kind: "load";
  readonly intervalMs: number;
  readonly series: readonly NotedSeries[];
  /** Series that this lab cannot hold: native histograms, or samples with the time at which their counting began. */
  readonly unheld: readonly Labels[];
}

/** What an annotation or an error has to be. */
export interface Wanted {
  readonly what: "ordered" | "fail" | "warn" | "no_warn" | "info" | "no_info";
  matches(text: string): boolean;
}

export interface Evaluation {
  readonly kind: "eval";
  readonly line: number;
  readonly expression: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Undefined: at one moment. */
  readonly stepMs: number | undefined;
  readonly wanted: readonly Wanted[];
  readonly expected:
    | { readonly type: "scalar"; readonly value: number }
    | { readonly type: "string"; readonly value: string }
    | { readonly type: "series"; readonly series: readonly NotedSeries[] };
  /** Of a range vector's samples: when the first one was and their step. */
  readonly samplesAt: { readonly fromMs: number; readonly stepMs: number } | undefined;
}

export type SuiteCommand = Load | Evaluation | { readonly kind: "clear" };

/** Reads a suite in the language of Prometheus' promqltest, in its newer and its older form. Throws with the line. */
export function readSuite(text: string): readonly SuiteCommand[] {
  const lines = text.split("\n").map((line) => line.trim().replace(/^#.*/, ""));
  const commands: SuiteCommand[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line === "") continue;
    const number = at + 1;
    const block: string[] = [];
    if (line !== "clear")
      while ((lines[at + 1] ?? "") !== "") {
        at += 1;
        block.push(lines[at] ?? "");
      }
    try {
      commands.push(commandOf(line, block, number));
    } catch (error) {
      throw new Error(`line ${number}: ${String(error)}`, { cause: error });
    }
  }
  return commands;
}

function commandOf(line: string, block: readonly string[], number: number): SuiteCommand {
  if (line === "clear") return { kind: "clear" };
  const load = /^load(_with_nhcb)?\s+(.+)$/.exec(line);
  if (load) return loadOf(msOf(load[2] ?? ""), block, load[1] !== undefined);
  const instant = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)$/.exec(line);
  if (instant) {
    const [, mode, at = "0", expression = ""] = instant;
    const moment = msOf(at);
    return evaluationOf(
      { line: number, expression, fromMs: moment, toMs: moment, stepMs: undefined },
      mode,
      block,
    );
  }
  const range = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/.exec(
    line,
  );
  if (!range) throw new Error(`not a command: ${line}`);
  const [, mode, from = "", to = "", step = "", expression = ""] = range;
  return evaluationOf(
    { line: number, expression, fromMs: msOf(from), toMs: msOf(to), stepMs: msOf(step) },
    mode,
    block,
  );
}

function msOf(text: string): number {
  const ms = text === "0" ? 0 : (parseDuration(text) ?? (parseNumber(text) ?? Number.NaN) * 1000);
  if (Number.isNaN(ms)) throw new Error(`not a duration: ${text}`);
  return ms;
}

function loadOf(intervalMs: number, block: readonly string[], alsoNative: boolean): Load {
  const unheld: Labels[] = [];
  const series: NotedSeries[] = [];
  for (const line of block) {
    const [name] = cutSeries(line.replace("@st", ""));
    if (/^\S*@st\s/.test(line)) {
      unheld.push(labelsOf(name));
      continue;
    }
    const noted = seriesOf(line);
    series.push(noted);
    if (noted.values.includes("histogram")) unheld.push(noted.labels);
    if (!alsoNative) continue;
    const { __name__: metric = "", le: _le, ...rest } = noted.labels;
    unheld.push({ ...rest, __name__: metric.replace(/_(?:bucket|count|sum)$/, "") });
  }
  return { kind: "load", intervalMs, series, unheld };
}

/** `name{a="b"}` or `{}` and what follows. */
function cutSeries(line: string): readonly [string, string] {
  const [whole] = /^[^\s{]*(?:\{(?:[^"'`}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\})?/.exec(line) ?? [
    "",
  ];
  return [whole, line.slice(whole.length).trim()];
}

function seriesOf(line: string): NotedSeries {
  const [name, values] = cutSeries(line);
  return { labels: labelsOf(name), values: valuesOf(values) };
}

function labelsOf(series: string): Labels {
  const inside = /^\{([^]*)\}$/.exec(series)?.[1]?.trim();
  if (inside === "") return {};
  // What has no name is no selector for itself.
  const nameless = inside !== undefined && !/^"[^"]*"\s*(?:,|$)/.test(inside) && !inside.includes("__name__");
  const parsed = parseExpression(nameless ? `nameless${series}` : series);
  if (parsed.kind !== "selector") throw new Error(`not a series: ${series}`);
  const matchers = nameless ? parsed.matchers.slice(1) : parsed.matchers;
  return Object.fromEntries(matchers.map(({ label, value }) => [label, value]));
}

/** Histograms are in braces, with blanks within. */
function valuesOf(text: string): readonly SuiteValue[] {
  return text
    .replaceAll(/\{\{[^}]*\}\}/g, "H")
    .split(/\s+/)
    .filter((item) => item !== "")
    .flatMap((item): readonly SuiteValue[] => {
      const times = /^H(?:[+-]H)?(?:x(\d+))?$/.exec(item);
      if (!times) return parseSeriesNotation(item);
      return Array.from({ length: Number(times[1] ?? 0) + 1 }, () => "histogram" as const);
    });
}

function evaluationOf(
  command: Pick<Evaluation, "line" | "expression" | "fromMs" | "toMs" | "stepMs">,
  mode: string | undefined,
  block: readonly string[],
): Evaluation {
  const wanted: Wanted[] = [];
  if (mode) wanted.push({ what: mode as Wanted["what"], matches: () => true });
  const series: NotedSeries[] = [];
  let scalar: number | undefined;
  let string: string | undefined;
  let samplesAt: Evaluation["samplesAt"];
  for (const line of block) {
    const range = /^expect range vector from (\S+) to \S+ step (\S+)$/.exec(line);
    const text = /^expect string (.*)$/.exec(line);
    const [, what, how, given = ""] =
      /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/.exec(line) ?? [];
    const older = /^expected_fail_(message|regexp)\s+(.*)$/.exec(line);
    if (range) samplesAt = { fromMs: msOf(range[1] ?? ""), stepMs: msOf(range[2] ?? "") };
    else if (text) string = JSON.parse((text[1] ?? "").replaceAll("`", '"')) as string;
    else if (what) wanted.push({ what: what as Wanted["what"], matches: matching(how, given.trim()) });
    else if (older) continue;
    else if (parseNumber(line) === undefined) series.push(seriesOf(line));
    else scalar = parseNumber(line);
  }
  const expected: Evaluation["expected"] =
    string !== undefined
      ? { type: "string", value: string }
      : scalar !== undefined
        ? { type: "scalar", value: scalar }
        : { type: "series", series };
  return { kind: "eval", ...command, wanted, expected, samplesAt };
}

function matching(how: string | undefined, given: string): (text: string) => boolean {
  if (how === undefined) return () => true;
  if (how === "msg") return (text) => text === given;
  const pattern = new RegExp(given);
  return (text) => pattern.test(text);
}
