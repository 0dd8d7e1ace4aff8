/** A metric's type and help in a text exposition. */
export interface MetricMetadata {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
}

const COMMENT = /^[ \t]*#[ \t]+(HELP|TYPE)[ \t]+(\S+)(?:[ \t]+(.*))?$/gm;
const ESCAPED: Readonly<Record<string, string>> = { "\\n": "\n", "\\\\": "\\" };

/** The HELP and TYPE comments of a text exposition, a metric each, in the order of the text. */
export function readMetadata(text: string): readonly MetricMetadata[] {
  const found = new Map<string, { metric: string; type: string; help: string }>();
  for (const [, kind, metric = "", rest = ""] of text.matchAll(COMMENT)) {
    const known = found.get(metric) ?? { metric, type: "unknown", help: "" };
    found.set(metric, known);
    if (kind === "TYPE") known.type = rest.trim();
    else known.help = rest.replaceAll(/\\[n\\]/g, (escape) => ESCAPED[escape] ?? escape);
  }
  return [...found.values()];
}
