import { beforeEach, describe, expect, it } from "vitest";
import type { PoolView, RequestRecord, UpstreamView } from "../../../lb/balancer.ts";
import { parseBalancerConfig } from "../../../lb/config/parse.ts";
import type { BalancerConfig } from "../../../lb/config/schema.ts";
import { createBalancerMetrics, type BalancerMetrics } from "../../../lb/telemetry/metrics-observer.ts";
import type { ScrapeSource } from "../../../lb/telemetry/read-levels.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { exposition } from "../../../runtime/metrics/exposition.ts";

function config(pools: Readonly<Record<string, readonly string[]>>): BalancerConfig {
  const routes = Object.keys(pools).map((pool) => ({ path: `/${pool}`, pool }));
  const text = JSON.stringify({
    listeners: [{ name: "public", bind: "127.0.0.1:0", routes }],
    pools: Object.fromEntries(
      Object.entries(pools).map(([pool, names]) => [
        pool,
        {
          policy: { type: "round-robin" },
          upstreams: names.map((name) => ({ name, address: "127.0.0.1:9101" })),
        },
      ]),
    ),
  });
  const parsed = parseBalancerConfig(text, "test.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.config;
}

const RECORD: RequestRecord = {
  at: 0,
  listener: "public",
  route: "public/0",
  pool: "web",
  attempts: [{ upstream: "web-1", result: "ok" }],
  method: "GET",
  target: "/secret?user=ann",
  host: "shop.test",
  peer: "10.9.8.7",
  queueMs: 0,
  connectMs: 1,
  responseMs: 20,
  totalMs: 30,
  bytesOut: 10,
  requestId: "id",
  status: 200,
  flag: "-",
  state: "--",
  reason: undefined,
  origin: "upstream",
};

const upstream = (name: string, changes: Partial<UpstreamView> = {}): UpstreamView => ({
  pool: "web",
  name,
  address: "127.0.0.1:9101",
  state: "UP",
  status: "no check",
  weight: 1,
  effectiveWeight: 1,
  configuredShare: 0.5,
  inFlight: 0,
  peakInFlight: 0,
  maxConnections: 64,
  requests: 0,
  failures: 0,
  check: undefined,
  checkFailures: 0,
  checkFailuresUp: 0,
  ...changes,
});

const textOf = (source: ScrapeSource): Promise<string> => exposition(metrics.read(source));

let clock: ManualClock;
let metrics: BalancerMetrics;
let upstreams: UpstreamView[];
let panic = false;
beforeEach(() => {
  clock = createManualClock();
  metrics = createBalancerMetrics({ clock });
  metrics.configured(config({ web: ["web-1", "web-2"] }), 1);
  upstreams = [upstream("web-1"), upstream("web-2")];
});

/** The samples of one metric at a scrape, as they are exposed. */
async function samples(name: string): Promise<string[]> {
  const pool: PoolView = {
    name: "web",
    policy: "round-robin",
    queueLength: 3,
    queuePeak: 5,
    queueLimit: 128,
    peak: 6,
    outage: { count: 0, totalMs: 0, changedMs: 0 },
    panic,
    upstreams,
  };
  const text = await textOf({
    pools: () => [pool],
    connections: () => ({ idle: 4, active: 2, reuses: 17 }),
  });
  return text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

describe("what is counted as it happens", () => {
  it("counts ejections of those that the configuration has, from 0", async () => {
    metrics.ejected("web", "web-2");
    metrics.ejected("web", "gone");
    expect((await samples("lb_ejections_total")).sort()).toEqual([
      'lb_ejections_total{pool="web",upstream="web-1"} 0',
      'lb_ejections_total{pool="web",upstream="web-2"} 1',
    ]);
  });

  it("counts why there was no whole answer", async () => {
    metrics.request(RECORD);
    metrics.request({ ...RECORD, status: 400, flag: "DR", state: "PR", reason: "host-missing" });
    metrics.request({ ...RECORD, flag: "UC", state: "SD", reason: "answer-cut" });
    metrics.request({ ...RECORD, flag: "UC", state: "SD", reason: "answer-cut" });
    expect(await samples("lb_http_requests_failed_total")).toEqual([
      'lb_http_requests_failed_total{reason="host-missing"} 1',
      'lb_http_requests_failed_total{reason="answer-cut"} 2',
    ]);
  });

  it("counts answers by origin and flag", async () => {
    metrics.request(RECORD);
    metrics.request({ ...RECORD, status: 503, flag: "UO", state: "sQ", origin: "balancer" });
    expect(await samples("lb_http_requests_total")).toEqual([
      'lb_http_requests_total{route="public/0",pool="web",code="200",origin="upstream",flag="-"} 1',
      'lb_http_requests_total{route="public/0",pool="web",code="503",origin="balancer",flag="UO"} 1',
    ]);
  });

  it("begins at 0 when the configuration takes effect", async () => {
    expect(await samples("lb_http_requests_total")).toEqual([
      'lb_http_requests_total{route="public/0",pool="web",code="200",origin="upstream",flag="-"} 0',
    ]);
    expect(await samples("lb_upstream_requests_total")).toHaveLength(2);
    expect(await samples("lb_config_reloads_total")).toEqual([
      'lb_config_reloads_total{result="success"} 0',
      'lb_config_reloads_total{result="failure"} 0',
    ]);
  });

  it("is measured in seconds", async () => {
    metrics.request(RECORD);
    expect(await samples("lb_http_request_duration_seconds_sum")).toEqual([
      'lb_http_request_duration_seconds_sum{route="public/0"} 0.03',
    ]);
    expect(await samples("lb_response_seconds_sum")).toEqual(['lb_response_seconds_sum{pool="web"} 0.02']);
  });

  it("leaves out the stages that a request never came to", async () => {
    metrics.request({ ...RECORD, connectMs: undefined, responseMs: undefined });
    expect(await samples("lb_connect_seconds_count")).toEqual([]);
    expect(await samples("lb_queue_seconds_count")).toEqual(['lb_queue_seconds_count{pool="web"} 1']);
  });

  it("counts attempts, retries, refused retries, reloads and lost log lines", async () => {
    metrics.attempt("web", "web-1", "refused");
    metrics.retry("web", "connect-failure");
    metrics.retryDenied("web");
    metrics.reloaded("failure");
    metrics.accessLogDropped(7);
    expect(await samples("lb_upstream_requests_total")).toContain(
      'lb_upstream_requests_total{pool="web",upstream="web-1",result="refused"} 1',
    );
    expect(await samples("lb_retries_total")).toEqual([
      'lb_retries_total{pool="web",reason="connect-failure"} 1',
    ]);
    expect(await samples("lb_retry_budget_denied_total")).toEqual([
      'lb_retry_budget_denied_total{pool="web"} 1',
    ]);
    expect(await samples("lb_config_reloads_total")).toContain('lb_config_reloads_total{result="failure"} 1');
    expect(await samples("lb_access_log_dropped_total")).toEqual(["lb_access_log_dropped_total 7"]);
  });

  it("never takes a label from a request", async () => {
    metrics.request({ ...RECORD, route: "/made/up", pool: "ann", status: 999 });
    const text = (await samples("lb_http_requests_total")).join("\n");
    expect(text).toContain('route="-",pool="-",code="other"');
    expect(text).not.toMatch(/ann|made|secret|shop\.test|10\.9/);
  });
});

describe("what is read at a scrape", () => {
  it("shows panic, and the weight that picks go by in a slow start", async () => {
    upstreams = [upstream("web-1", { weight: 10, effectiveWeight: 2.5 })];
    expect(await samples("lb_panic_active")).toEqual(['lb_panic_active{pool="web"} 0']);
    panic = true;
    expect(await samples("lb_panic_active")).toEqual(['lb_panic_active{pool="web"} 1']);
    panic = false;
    expect(await samples("lb_upstream_effective_weight")).toEqual([
      'lb_upstream_effective_weight{pool="web",upstream="web-1"} 2.5',
    ]);
  });

  it("shows the tunnels of an upstream that has had some", async () => {
    upstreams = [upstream("web-1", { inFlight: 9 })];
    expect(await samples("lb_upstream_tunnels")).toEqual([]);
    upstreams = [upstream("web-1", { inFlight: 9, tunnels: 7 })];
    expect(await samples("lb_upstream_tunnels")).toEqual([
      'lb_upstream_tunnels{pool="web",upstream="web-1"} 7',
    ]);
    upstreams = [upstream("web-1")];
    expect(await samples("lb_upstream_tunnels")).toEqual([
      'lb_upstream_tunnels{pool="web",upstream="web-1"} 0',
    ]);
  });

  it("shows each upstream's state, weight, load and connections", async () => {
    upstreams = [upstream("web-1", { state: "DRAIN", weight: 5, effectiveWeight: 0, inFlight: 9 })];
    expect(await samples("lb_upstream_state")).toEqual([
      'lb_upstream_state{pool="web",upstream="web-1",state="UP"} 0',
      'lb_upstream_state{pool="web",upstream="web-1",state="DOWN"} 0',
      'lb_upstream_state{pool="web",upstream="web-1",state="DRAIN"} 1',
      'lb_upstream_state{pool="web",upstream="web-1",state="MAINT"} 0',
      'lb_upstream_state{pool="web",upstream="web-1",state="EJECTED"} 0',
    ]);
    expect(await samples("lb_upstream_weight")).toEqual([
      'lb_upstream_weight{pool="web",upstream="web-1"} 5',
    ]);
    expect(await samples("lb_upstream_effective_weight")).toEqual([
      'lb_upstream_effective_weight{pool="web",upstream="web-1"} 0',
    ]);
    expect(await samples("lb_upstream_in_flight")).toEqual([
      'lb_upstream_in_flight{pool="web",upstream="web-1"} 9',
    ]);
    expect(await samples("lb_upstream_connections")).toEqual([
      'lb_upstream_connections{pool="web",upstream="web-1",state="idle"} 4',
      'lb_upstream_connections{pool="web",upstream="web-1",state="active"} 2',
    ]);
    expect(await samples("lb_upstream_connection_reuses_total")).toEqual([
      'lb_upstream_connection_reuses_total{pool="web",upstream="web-1"} 17',
    ]);
    expect(await samples("lb_pool_queue_length")).toEqual(['lb_pool_queue_length{pool="web"} 3']);
    expect(await samples("lb_config_version")).toEqual(["lb_config_version 1"]);
  });

  it("has series of health checks only where there are any", async () => {
    const check = { ok: false, status: "L7STS", code: 500, detail: "500", durationMs: 250 } as const;
    upstreams = [upstream("web-1", { check }), upstream("web-2")];
    expect(await samples("lb_upstream_check_status")).toEqual([
      'lb_upstream_check_status{pool="web",upstream="web-1"} 0',
    ]);
    expect(await samples("lb_upstream_check_duration_seconds")).toEqual([
      'lb_upstream_check_duration_seconds{pool="web",upstream="web-1"} 0.25',
    ]);
    upstreams = [upstream("web-1"), upstream("web-2")];
    expect(await samples("lb_upstream_check_status")).toEqual([]);
  });
});

describe("the distribution's skew", () => {
  const send = (name: string, times: number) => {
    for (let i = 0; i < times; i++) metrics.attempt("web", name, "ok");
  };

  it("is 1 when everybody gets the configured share, more when one gets more", async () => {
    send("web-1", 10);
    send("web-2", 10);
    expect(await samples("lb_distribution_skew")).toEqual(['lb_distribution_skew{pool="web"} 1']);
    send("web-1", 20);
    expect(await samples("lb_distribution_skew")).toEqual(['lb_distribution_skew{pool="web"} 1.5']);
  });

  it("forgets what was more than ten seconds ago, and says nothing without traffic", async () => {
    send("web-1", 100);
    clock.advance(5000);
    send("web-1", 10);
    send("web-2", 10);
    clock.advance(5000);
    expect(await samples("lb_distribution_skew")).toEqual(['lb_distribution_skew{pool="web"} 1']);
    clock.advance(10_000);
    expect(await samples("lb_distribution_skew")).toEqual([]);
  });
});

describe("a new configuration", () => {
  it("takes the series of what it no longer has with it", async () => {
    await samples("lb_upstream_state");
    metrics.request(RECORD);
    metrics.configured(config({ web: ["web-2"], api: ["api-1"] }), 2);
    upstreams = [upstream("web-2")];
    const text = await textOf({
      pools: () => [],
      connections: () => ({ idle: 0, active: 0, reuses: 0 }),
    });
    expect(text).not.toContain("web-1");
    expect(text).toContain('upstream="web-2"');
    metrics.configured(config({ api: ["api-1"] }), 3);
    expect(
      await textOf({ pools: () => [], connections: () => ({ idle: 0, active: 0, reuses: 0 }) }),
    ).not.toContain("web");
  });

  it("keeps the counts of what it still has", async () => {
    metrics.request(RECORD);
    metrics.configured(config({ web: ["web-1"] }), 2);
    expect(await samples("lb_http_requests_total")).toEqual([
      'lb_http_requests_total{route="public/0",pool="web",code="200",origin="upstream",flag="-"} 1',
    ]);
  });

  it("does not get back what ends under the old one", async () => {
    metrics.configured(config({ api: ["api-1"] }), 2);
    metrics.attempt("web", "web-1", "ok");
    metrics.retry("web", "5xx");
    metrics.request(RECORD);
    const text = await textOf({
      pools: () => [],
      connections: () => ({ idle: 0, active: 0, reuses: 0 }),
    });
    expect(text).not.toContain("web");
    expect(text).toContain('pool="-",code="200",origin="upstream",flag="-"} 1');
  });
});
