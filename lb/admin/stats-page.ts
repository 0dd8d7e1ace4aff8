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
${validity}<table>
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

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
