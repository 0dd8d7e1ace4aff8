import { RE2JS } from "re2js";
import { graphPath } from "../../graph-link.ts";
import type { Labels } from "../../samples.ts";
import { parseGoFloat } from "../../promql/go-numbers.ts";
import { parseDuration } from "../../promql/literals.ts";
import { asText, isList, Mapping, Struct, typeOf, type Cell } from "./cell.ts";
import type { TemplateFunction } from "./function.ts";
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from "./humanize.ts";

/** A sample that a template's query found. */
export interface QueriedSample {
  readonly labels: Labels;
  readonly value: number;
}

export interface FunctionContext {
  /** Evaluates an expression at the rule's time. Throws an Error with what is wrong. */
  readonly query: (expression: string) => readonly QueriedSample[];
  /** Base URL of this evaluator's pages. */
  readonly externalUrl: string;
}

const SAMPLE = "*template.sample";
const RESULT = "template.queryResult";

/** What Prometheus adds to Go's: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/ */
export const PROMETHEUS_FUNCTIONS = {
  query: (context) => ({
    parameters: ["string"],
    call: ([expression]) =>
      context.query(asText(expression)).map(
        ({ labels, value }) =>
          new Struct(SAMPLE, [
            ["Labels", new Mapping(Object.entries(labels))],
            ["Value", value],
          ]),
      ),
  }),
  first: () => ({
    parameters: [RESULT],
    call([samples]) {
      if (!isList(samples) || samples.length === 0) throw new Error("there is no sample");
      return samples[0];
    },
  }),
  label: () => ({ parameters: ["string", SAMPLE], call: ([name, sample]) => labelOf(sample, asText(name)) }),
  value: () => ({ parameters: [SAMPLE], call: ([sample]) => (sample as Struct).fields.get("Value") }),
  strvalue: () => ({ parameters: [SAMPLE], call: ([sample]) => labelOf(sample, "__value__") }),
  sortByLabel: () => ({
    parameters: ["string", RESULT],
    call: ([name, samples]) => {
      const key = (sample: Cell): string => labelOf(sample, asText(name));
      return isList(samples)
        ? [...samples].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
        : [];
    },
  }),
  args: () => ({
    parameters: [],
    more: "any",
    call: (cells) =>
      new Mapping(
        cells.map((cell, i) => [`arg${i}`, cell] as const),
        undefined,
      ),
  }),
  humanize: () => ofNumber(humanize),
  humanize1024: () => ofNumber(humanize1024),
  humanizeDuration: () => ofNumber(humanizeDuration),
  humanizePercentage: () => ofNumber(humanizePercentage),
  humanizeTimestamp: () => ofNumber(timestamp),
  toTime: () => ofNumber((seconds) => new Struct("time.Time", [], timestamp(seconds))),
  parseDuration: () => ({
    parameters: ["string"],
    call([text]) {
      const ms = text === "0" ? 0 : parseDuration(asText(text));
      if (ms === undefined) throw new Error(`not a duration: ${JSON.stringify(text)}`);
      return ms / 1000;
    },
  }),
  match: () => ({
    parameters: ["string", "string"],
    call: ([pattern, text]) => RE2JS.compile(asText(pattern)).matcher(asText(text)).find(),
  }),
  reReplaceAll: () => ({
    parameters: ["string", "string", "string"],
    call: ([pattern, replacement, text]) => replaceAll(asText(pattern), asText(replacement), asText(text)),
  }),
  title: () => ofText((text) => text.replaceAll(WORD_BEGIN, (letter) => letter.toUpperCase())),
  toUpper: () => ofText((text) => text.toUpperCase()),
  toLower: () => ofText((text) => text.toLowerCase()),
  safeHtml: () => ofText((text) => text),
  stripPort: () => ofText((text) => hostAndPort(text)?.host ?? text),
  stripDomain: () => ofText(withoutDomain),
  graphLink: () => ofText((expression) => graphPath(expression, "graph")),
  tableLink: () => ofText((expression) => graphPath(expression, "table")),
  externalURL: ({ externalUrl }) => ({ parameters: [], call: () => externalUrl }),
  pathPrefix: ({ externalUrl }) => ({ parameters: [], call: () => pathOf(externalUrl) }),
} as const satisfies Readonly<Record<string, (context: FunctionContext) => TemplateFunction>>;

/** A letter at the beginning, after a space, or after an ASCII character that is no letter, digit or `_`. */
const WORD_BEGIN = /(?<=^|[^\w\u0080-\u{10ffff}]|\s)\p{L}/gu;

const ofText = (make: (text: string) => string): TemplateFunction => ({
  parameters: ["string"],
  call: ([text]) => make(asText(text)),
});

/** A function of a number, or of a text that is one. */
const ofNumber = (make: (value: number) => Cell): TemplateFunction => ({
  parameters: ["any"],
  call: ([cell]) => make(numberOf(cell)),
});

function numberOf(cell: Cell): number {
  if (typeof cell === "number") return cell;
  if (typeof cell === "bigint") return Number(cell);
  if (typeof cell !== "string") throw new Error(`a number is needed, not a ${typeOf(cell)}`);
  const value = parseGoFloat(cell);
  if (value === undefined) throw new Error(`a number is needed, not ${JSON.stringify(cell)}`);
  return value;
}

function timestamp(seconds: number): string {
  const text = humanizeTimestamp(seconds);
  if (text === undefined) throw new Error(`${seconds} is too far from now`);
  return text;
}

function labelOf(sample: Cell, name: string): string {
  const labels = sample instanceof Struct ? sample.fields.get("Labels") : undefined;
  return labels instanceof Mapping ? asText(labels.entries.get(name)) : "";
}

/** Go's way of naming groups in a replacement: `$1`, `${1}`, `$name`, and `$$` for the sign itself. */
const REFERENCE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

function replaceAll(pattern: string, replacement: string, text: string): string {
  const matcher = RE2JS.compile(pattern).matcher(text);
  let replaced = "";
  let done = 0;
  while (matcher.find()) {
    const named = matcher.getNamedGroups();
    const group = (name: string): string => {
      if (!/^\d+$/.test(name)) return (Object.hasOwn(named, name) ? named[name] : undefined) ?? "";
      return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? "") : "";
    };
    const made = replacement.replaceAll(REFERENCE, (whole, braced?: string, bare?: string) =>
      whole === "$$" ? "$" : group(braced ?? bare ?? ""),
    );
    replaced += text.slice(done, matcher.start()) + made;
    done = matcher.end();
  }
  return replaced + text.slice(done);
}

/** `host:port`, also `[::1]:80`; undefined when it has no port. */
function hostAndPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text) ?? [];
  return port === undefined ? undefined : { host: bracketed ?? plain ?? "", port };
}

const isAddress = (host: string): boolean =>
  /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(host) ||
  (host.includes(":") && URL.canParse(`http://[${host}]/`));

function withoutDomain(text: string): string {
  const { host, port } = hostAndPort(text) ?? { host: text, port: "" };
  if (isAddress(host)) return text;
  const [name = ""] = host.split(".");
  return port === "" ? name : `${name}:${port}`;
}

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname.replace(/^\/$/, "") : "");
