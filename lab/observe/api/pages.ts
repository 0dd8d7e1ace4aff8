import type { FastifyInstance, FastifyReply } from "fastify";
import { messageOf } from "../../../runtime/errors.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { graphPath } from "../graph-link.ts";
import { QueryError, type QueryEngine, type Value } from "../promql/query.ts";
import type { RuleEvaluator } from "../rules/rule-evaluator.ts";
import type { Labels } from "../samples.ts";
import { numberText } from "./prometheus/values.ts";

export interface PagesDeps {
  readonly clock: Clock;
  readonly engine: QueryEngine;
  readonly rules: Pick<RuleEvaluator, "active">;
}

const TIMEOUT_MS = 5000;
/** Limit of a table's rows; further ones are only counted. */
const MAX_ROWS = 1000;

/** The pages that alerts link to: an expression's value now, and the list of alerts. Plain HTML without scripts. */
export function addPages(server: FastifyInstance, { clock, engine, rules }: PagesDeps): void {
  server.get<{ Querystring: Readonly<Record<string, string | readonly string[] | undefined>> }>(
    "/graph",
    ({ query }, reply) => {
      const [expression = ""] = [query["g0.expr"] ?? []].flat();
      return sent(reply, "Query", queryPage(expression, { clock, engine }));
    },
  );
  for (const path of ["/", "/alerts"])
    server.get(path, (_request, reply) => sent(reply, "Alerts", alertsPage(rules)));
}

function queryPage(expression: string, { clock, engine }: Pick<PagesDeps, "clock" | "engine">): string {
  const at = clock.wall();
  const begun = clock.now();
  const form = `<form action="/graph"><textarea name="g0.expr" aria-label="Expression" rows="4">${escaped(expression)}</textarea><button>Evaluate</button></form>`;
  if (expression.trim() === "") return form;
  try {
    const rows = rowsOf(
      engine.compile(expression).at(at, { expired: () => clock.now() - begun > TIMEOUT_MS }),
    );
    return `${form}<p>At ${new Date(at).toISOString()}</p>${table(["series", "value"], rows)}`;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return `${form}<p role="alert">${escaped(`${error.line}:${error.column}: ${messageOf(error)}`)}</p>`;
  }
}

function rowsOf(value: Value): readonly (readonly string[])[] {
  switch (value.type) {
    case "scalar":
      return [["scalar", numberText(value.value)]];
    case "string":
      return [["string", value.value]];
    case "vector":
      return value.samples.map((sample) => [seriesText(sample.labels), numberText(sample.value)]);
    case "matrix":
      return value.series.map(({ labels, points }) => [
        seriesText(labels),
        points.map(([at, one]) => `${numberText(one)} @ ${at / 1000}`).join(" "),
      ]);
  }
}

function seriesText({ __name__: name = "", ...labels }: Labels): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(", ")}}`;
}

function alertsPage({ active }: Pick<RuleEvaluator, "active">): string {
  const rows = active.map((alert) => [
    alert.name,
    alert.state,
    new Date(alert.activeAt).toISOString(),
    seriesText(alert.labels),
    alert.annotations["summary"] ?? "",
    link(graphPath(alert.expression ?? "", "table"), "query"),
  ]);
  return table(["alert", "state", "active since", "labels", "summary", ""], rows);
}

/** A cell that is HTML already, and not text to be escaped. */
class Markup {
  readonly html: string;
  constructor(html: string) {
    this.html = html;
  }
}

const link = (path: string, text: string): Markup =>
  new Markup(`<a href="${escaped(path)}">${escaped(text)}</a>`);

function table(head: readonly string[], rows: readonly (readonly (string | Markup)[])[]): string {
  const cells = (row: readonly (string | Markup)[]): string =>
    row.map((cell) => `<td>${cell instanceof Markup ? cell.html : escaped(cell)}</td>`).join("");
  const unlisted = rows.length > MAX_ROWS ? `<p>and ${rows.length - MAX_ROWS} more</p>` : "";
  const body = rows.slice(0, MAX_ROWS).map((row) => `<tr>${cells(row)}</tr>`);
  if (body.length === 0) return "<p>Nothing.</p>";
  return `<table><thead><tr>${head.map((one) => `<th>${one}</th>`).join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table>${unlisted}`;
}

function sent(reply: FastifyReply, title: string, body: string): FastifyReply {
  return reply
    .type("text/html; charset=utf-8")
    .header(
      "content-security-policy",
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    ).send(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<style>
body { font: 14px system-ui, sans-serif; margin: 2em }
table { border-collapse: collapse }
th, td { border: 1px solid #999; padding: 2px 8px; text-align: left }
textarea { display: block; width: 100% }
</style>
</head>
<body>
<nav><a href="/alerts">Alerts</a> <a href="/graph">Query</a></nav>
<h1>${title}</h1>
${body}
</body>
</html>
`);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
