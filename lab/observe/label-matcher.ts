import type { LabelMatcher } from "./samples.ts";

/** Says of a label's value (empty when the series has no such label) whether it matches. Throws on a faulty expression. */
export function matcherTest({ op, value }: LabelMatcher): (labelValue: string) => boolean {
  switch (op) {
    case "=":
      return (given) => given === value;
    case "!=":
      return (given) => given !== value;
    case "=~": {
      const pattern = anchored(value);
      return (given) => pattern.test(given);
    }
    case "!~": {
      const pattern = anchored(value);
      return (given) => !pattern.test(given);
    }
  }
}

/** What RE2, Prometheus' engine, does not know and JavaScript's does: looking around and back references. */
const NOT_RE2 = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</;
/** And what only RE2 knows. */
const ONLY_RE2 = /\\[AzQEC]|\[\[:|\(\?P?<\w+>.*\(\?P=|\(\?[imsU-]*U/;

/** A regular expression of Prometheus' as JavaScript's, anchored at both ends. Throws for what means something else there. */
export function anchored(source: string): RegExp {
  if (NOT_RE2.test(source)) throw new Error(`look-around and back references are not RE2: ${source}`);
  if (ONLY_RE2.test(source)) throw new Error(`not supported in a regular expression here: ${source}`);
  const [whole = "", given = ""] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  const flags = new Set(["s", ...given.split("")]);
  const body = source.slice(whole.length).replaceAll("(?P<", "(?<");
  try {
    return new RegExp(`^(?:${body})$`, [...flags].join(""));
  } catch (error) {
    throw new Error(`not a regular expression: ${source}`, { cause: error });
  }
}
