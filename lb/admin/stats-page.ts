import type { ArmFigures, CanaryStatus } from "../config/rollout/canary.ts";
import type { StatsRow } from "./stats-rows.ts";

const SHOWN = {
  pxname: "proxy",
  svname: "server",
  status: "status",
  weight: "weight",
  qcur: "queue",
  scur: "in flight",
  slim: "limit",
  stot: "total",
  rate: "rate/s",
  econ: "connect errors",
  eresp: "response errors",
  wretr: "retries",
  chkfail: "failed checks",
  hrsp_2xx: "2xx",
  hrsp_4xx: "4xx",
  hrsp_5xx: "5xx",
} as const;

/** The statistics as a page without scripts. `certificates`: epoch milliseconds of their end, by listener. */
export function statsPage(
  rows: readonly StatsRow[],
  version: number,
  certificates: ReadonlyMap<string, number> = new Map(),
  canary?: CanaryStatus,
): string {
  const columns = Object.keys(SHOWN);
  const cells = (row: StatsRow) =>
    columns.map((column) => `<td>${escape(String(row[column] ?? ""))}</td>`).join("");
  const body = rows
    .map((row) => `<tr class="${escape(String(row["status"]))}">${cells(row)}</tr>`)
    .join("\n");
  const validity = Array.from(
    certificates,
    ([listener, at]) =>
      `<p>The certificate of ${escape(listener)} is valid until ${new Date(at).toISOString()}</p>\n`,
  ).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Load balancer</title>
<style>
body { font: 14px system-ui, sans-serif; margin: 2em }
table { border-collapse: collapse }
th, td { border: 1px solid #999; padding: 2px 8px; text-align: right }
th:nth-child(-n+3), td:nth-child(-n+3) { text-align: left }
.DOWN { background: #fbb } .EJECTED { background: #fc9 } .MAINT { background: #ddd } .DRAIN { background: #ffd }
</style>
</head>
<body>
<h1>Load balancer</h1>
<p>Configuration version ${version}</p>
${canary ? canaryText(canary) : ""}${validity}<table>
<thead><tr>${Object.values(SHOWN)
    .map((title) => `<th>${title}</th>`)
    .join("")}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</body>
</html>
`;
}

/** What the canary and its baseline met in the last window that was judged. */
function canaryText({ version, phase, share, judgements, ended }: CanaryStatus): string {
  const last = judgements.at(-1);
  const state = ended
    ? `was ${phase} at ${new Date(ended.at).toISOString()}: ${ended.message}`
    : `is a canary (${phase}): ${Math.round(1000 * share) / 10} % of the users meet it`;
  const why = last
    ? `, last verdict ${last.verdict}: ${last.reasons.map(({ message }) => message).join("; ")}`
    : "";
  const arms = last
    ? `<table>\n<thead><tr><th>arm</th><th>requests</th><th>failed</th><th>p95 ms</th><th>shares</th></tr></thead>
<tbody>\n${armRow("canary", last.canary)}\n${armRow("baseline", last.baseline)}\n</tbody>\n</table>\n`
    : "";
  return `<p>Version ${version} ${escape(state)}${escape(why)}</p>\n${arms}`;
}

function armRow(name: string, { requests, failures, p95Ms, shares }: ArmFigures): string {
  const parts = Object.entries(shares).map(([upstream, share]) => `${upstream} ${Math.round(100 * share)} %`);
  const cells = [name, requests, failures, p95Ms === undefined ? "" : Math.round(p95Ms), parts.join(", ")];
  return `<tr>${cells.map((cell) => `<td>${escape(String(cell))}</td>`).join("")}</tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
