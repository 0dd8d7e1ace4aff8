import type { RequestRecord } from "../../lb/balancer.ts";
import type { Facts } from "./facts.ts";
import type { Findings } from "./findings.ts";

/** Values by series, as written in the text: `name{label="value",...}`. */
function readExposition(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const space = line.lastIndexOf(" ");
    values.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return values;
}

export interface Tally {
  readonly records: readonly RequestRecord[];
  /** Pools that every configuration had, with the same place among the routes. */
  readonly lasting: ReadonlySet<string>;
}

/** At the end: the counters match the records, and every gauge of load is back at 0. */
export function checkMetrics(
  text: string,
  facts: Facts,
  { records, lasting }: Tally,
  { broken }: Findings,
): void {
  const reported = readExposition(text);
  const counted = new Map<string, number>();
  let ofOthers = 0;
  for (const { route, pool, status, origin, flag } of records) {
    if (!lasting.has(pool)) {
      ofOthers += 1;
      continue;
    }
    const series = `lb_http_requests_total{route="${route}",pool="${pool}",code="${status}",origin="${origin}",flag="${flag}"}`;
    counted.set(series, (counted.get(series) ?? 0) + 1);
  }
  for (const [series, count] of counted)
    if (reported.get(series) !== count)
      broken("metrics", `${series} is ${reported.get(series)} and ${count} requests ended so`);
  let sum = 0;
  for (const [series, value] of reported) {
    if (series.startsWith("lb_http_requests_total")) sum += value;
    if (/^lb_(upstream_in_flight|pool_queue_length)\{/.test(series) && value !== 0)
      broken("metrics", `${series} is ${value} when all is over`);
    if (/^lb_upstream_connections\{.*state="active"/.test(series) && value !== 0)
      broken("metrics", `${series} is ${value} when all is over`);
  }
  const lastingCount = records.length - ofOthers;
  if (sum > records.length || sum < lastingCount)
    broken("metrics", `lb_http_requests_total comes to ${sum}, and ${records.length} requests have ended`);
  for (const [name, { upstreams }] of facts.pools)
    for (const upstream of upstreams.keys())
      if (!reported.has(`lb_upstream_in_flight{pool="${name}",upstream="${upstream}"}`))
        broken("metrics", `no gauge is there of ${name}/${upstream}`);
}
