import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

/**
 * A target whose series do all that series can do: counters that grow, stand still and start anew, a gauge that comes and
 * goes, values that are no numbers, histograms, labels with quotes in them, and a scrape that fails. From `INCIDENT_AT` to
 * `RECOVERY_AT` seconds after its start, users fail.
 */
export interface ScrapedShop {
  readonly address: string;
  /** Seconds since its start. */
  elapsed(): number;
  close(): Promise<void>;
}

const INCIDENT_AT = 14;
const RECOVERY_AT = 26;
/** A scrape in this time is answered with an error. */
const BROKEN = { from: 9, to: 10.2 } as const;

export async function startScrapedShop(): Promise<ScrapedShop> {
  const begun = performance.now();
  const elapsed = (): number => (performance.now() - begun) / 1000;
  const server: Server = createServer((_request, response) => {
    const seconds = elapsed();
    if (seconds > BROKEN.from && seconds < BROKEN.to) response.writeHead(500).end("broken");
    else response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(exposition(seconds));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    elapsed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function exposition(seconds: number): string {
  const lines: string[] = [];
  const add = (series: string, value: number | string): void => void lines.push(`${series} ${value}`);
  const bad = Math.max(0, Math.min(seconds, RECOVERY_AT) - INCIDENT_AT);
  const isBad = seconds > INCIDENT_AT && seconds < RECOVERY_AT;
  const requests = Math.floor(seconds * 97);

  const http = (code: string, origin: string, flag: string, value: number): void =>
    add(
      `lb_http_requests_total{route="public/0",pool="web",code="${code}",origin="${origin}",flag="${flag}"}`,
      value,
    );
  http("200", "upstream", "", requests);
  http("500", "upstream", "", Math.floor(seconds / 7));
  http("503", "balancer", "UO", Math.floor(bad * 31));
  const upstreams: readonly (readonly [string, string, number])[] = [
    ["web", "web-1", 3],
    ["web", "web-2", 1],
    ["web", "web-3", 1],
    ["auth", "auth-1", 2],
  ];
  upstreams.forEach(([pool, upstream, weight], i) => {
    const labels = `pool="${pool}",upstream="${upstream}"`;
    const share = isBad && i === 0 ? 60 : 20;
    add(`lb_upstream_requests_total{${labels},result="answer"}`, Math.floor(seconds * share + bad * 7));
    // No two alike: which of two equal ones is among the first is undefined.
    add(
      `lb_upstream_in_flight{${labels}}`,
      Math.round(4 + 3 * Math.sin(seconds + i) + (isBad ? i : 0)) + i / 128,
    );
    add(`lb_upstream_weight{${labels}}`, weight);
    const down = isBad && i === 2 && Math.floor(seconds) % 3 !== 0;
    for (const state of ["UP", "DOWN", "DRAIN", "MAINT"])
      add(
        `lb_upstream_state{${labels},state="${state}"}`,
        (state === "DOWN") === down && /UP|DOWN/.test(state) ? 1 : 0,
      );
  });
  for (const pool of ["web", "auth"]) {
    add(`lb_pool_info{pool="${pool}",policy="round-robin"}`, 1);
    add(`lb_distribution_skew{pool="${pool}"}`, isBad && pool === "web" ? 2.5 : 1.02);
    add(`lb_retry_budget_denied_total{pool="${pool}"}`, Math.floor(bad * 5));
  }
  add("lb_config_version", isBad ? 2 : 1);
  add('lb_config_reloads_total{result="success"}', isBad ? 1 : 0);
  add('lb_config_reloads_total{result="failure"}', seconds > INCIDENT_AT + 2 ? 1 : 0);
  histogram("lb_http_request_duration_seconds", 'route="public/0"', requests, isBad ? 0.7 : 0.04);
  histogram("lb_http_request_duration_seconds", 'route="public/1"', Math.floor(seconds * 11), 0.2);

  const probe = (route: string, result: string, value: number): void =>
    add(`probe_requests_total{route="${route}",result="${result}"}`, Math.floor(value));
  for (const [route, rate] of [
    ["page", 80],
    ["login", 9],
    ["api", 5],
  ] as const) {
    probe(route, "ok", seconds * rate - bad * rate * 0.4);
    probe(route, "status", bad * rate * 0.4);
    probe(route, "timeout", 0);
    histogram(
      "probe_request_duration_seconds",
      `route="${route}"`,
      Math.floor(seconds * rate),
      0.08 + bad * 0.2,
    );
  }
  for (const unit of ["web-1", "balancer"]) {
    for (const state of ["active", "failed"])
      add(
        `unit_state{unit="${unit}",state="${state}"}`,
        (state === "failed") === (isBad && unit === "balancer") ? 1 : 0,
      );
    add(`unit_restarts_total{unit="${unit}"}`, unit === "web-1" ? Math.floor(bad / 2) : 0);
  }

  add("resetting_total", Math.floor((seconds % 11) * 10));
  add("slow_total", Math.floor(seconds / 6));
  if (seconds > 12) add("late_total", Math.floor(3 + (seconds - 12) * 2));
  add("wavy_gauge", 10 + 8 * Math.sin(seconds / 3));
  add("constant_gauge", 42);
  if (seconds < 16 || seconds > 29) add('vanishing_gauge{why="gone"}', seconds);
  if (Math.floor(seconds) % 4 !== 0) add("gauge_with_holes", Math.floor(seconds));
  add('wild_gauge{is="nan"}', "NaN");
  add('wild_gauge{is="inf"}', "+Inf");
  add('wild_gauge{is="less"}', "-Inf");
  add('wild_gauge{is="tiny"}', "1e-300");
  add('wild_gauge{is="turns"}', Math.floor(seconds) % 2 === 0 ? "NaN" : 1);
  add('escaped_labels{text="quote \\" and \\\\ and \\n"}', 1);
  return `${lines.join("\n")}\n`;

  function histogram(name: string, labels: string, count: number, typical: number): void {
    for (const le of [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5])
      add(`${name}_bucket{${labels},le="${le}"}`, Math.floor(count * (1 - Math.exp(-le / typical))));
    add(`${name}_bucket{${labels},le="+Inf"}`, count);
    add(`${name}_sum{${labels}}`, count * typical);
    add(`${name}_count{${labels}}`, count);
  }
}
