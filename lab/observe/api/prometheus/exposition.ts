import type { SampleStore, LabelMatcher, Labels } from "../../samples.ts";
import { plainNumber } from "../../rules/template/go-format.ts";
import { compareLabels } from "../../labels-key.ts";

/** How old a sample may be to be shown, as in a query. */
const LOOKBACK_MS = 5 * 60_000;

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", '"': '\\"' };

const quoted = (text: string): string => `"${text.replaceAll(/[\\\n"]/g, (char) => ESCAPES[char] ?? char)}"`;

function line({ __name__: name = "", ...labels }: Labels, value: string, atMs: number): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${quoted(labels[label] ?? "")}`);
  return `${name}{${pairs.join(",")}} ${value} ${atMs}`;
}

/** The newest sample of every series that any of the selectors matches, as text for another Prometheus to scrape. */
export function federated(
  store: SampleStore,
  selectors: readonly (readonly LabelMatcher[])[],
  atMs: number,
): string {
  const series = new Set(selectors.flatMap((matchers) => store.select(matchers)));
  const found = [...series].flatMap((one) => {
    const sample = one.last(atMs - LOOKBACK_MS, atMs);
    return sample ? [{ labels: one.labels, ...sample }] : [];
  });
  const lines: string[] = [];
  let family: string | undefined;
  for (const { labels, value, atMs: at } of found.sort((a, b) => compareLabels(a.labels, b.labels))) {
    const name = labels["__name__"] ?? "";
    if (name === "") continue;
    if (name !== family) lines.push(`# TYPE ${name} untyped`);
    family = name;
    // Prometheus adds an empty instance where there is none.
    lines.push(line({ instance: "", ...labels }, plainNumber(value), at));
  }
  return lines.map((one) => `${one}\n`).join("");
}
