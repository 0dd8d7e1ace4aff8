import { cpus } from "node:os";
import { createSampleStore } from "../lab/observe/sample-store.ts";
import { parseSeries, readExposition } from "../lab/observe/scrape/exposition.ts";
import { createRegistrySeries } from "../lab/observe/scrape/registry-series.ts";
import { createTargetSeries } from "../lab/observe/scrape/target-series.ts";
import { createMetricRegistry, type MetricRegistry } from "../runtime/metrics/registry.ts";
import { metricsText } from "../runtime/metrics/text.ts";

/**
 * `npm run bench:scrape`: what it costs to take in a target's samples, each figure beside its bar: a thousand series as
 * text, as every second on a laptop, and a hundred straight from a registry, as the simulated world does it. Times are of
 * the processor, the best of several runs: the others include other work of the machine. Exit code 4 when a bar is missed.
 */

const RUNS = 7;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const START = 1_700_000_000_000;

/** A registry as the balancer's with so many upstreams. */
function shop(upstreams: number): MetricRegistry {
  const registry = createMetricRegistry();
  const labelNames = ["pool", "upstream"];
  const attempts = registry.counter("lb_upstream_requests_total", "h", ...labelNames, "result");
  const inFlight = registry.gauge("lb_upstream_in_flight", "h", ...labelNames);
  const state = registry.gauge("lb_upstream_state", "h", ...labelNames, "state");
  const waited = registry.histogram({
    name: "lb_queue_seconds",
    help: "h",
    labelNames: ["pool"],
    bounds: BOUNDS,
  });
  for (let n = 0; n < upstreams; n++) {
    const [pool, upstream] = [`pool-${n % 3}`, `web-${n}`];
    attempts.of(pool, upstream, "answer").value = n;
    inFlight.of(pool, upstream).value = n;
    for (const name of ["UP", "DOWN", "DRAIN", "MAINT", "EJECTED"]) state.of(pool, upstream, name);
    waited.of(pool).buckets.observe(n / 100);
  }
  return registry;
}

const emptyStore = () => createSampleStore({ retentionMs: 900_000, maxSeries: 20_000 });

/** Milliseconds of processor time that one turn takes. */
function cost(turns: number, run: (at: number) => void): number {
  let best = Infinity;
  let at = START;
  for (let i = 0; i < RUNS; i++) {
    const before = process.cpuUsage();
    for (let n = 0; n < turns; n++) run((at += 1000));
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000 / turns);
  }
  return best;
}

function asText(upstreams: number): { readonly ms: number; readonly series: number } {
  const text = metricsText(shop(upstreams));
  const store = emptyStore();
  const series = createTargetSeries(store, { job: "balancer", instance: "bench" });
  const ms = cost(100, (at) => {
    series.begin(at);
    readExposition(text, (sample) =>
      series.write(sample.series, sample.value, sample.atMs, () => parseSeries(sample.series)),
    );
    series.end();
  });
  return { ms, series: store.stats.series };
}

function asRegistry(upstreams: number): { readonly ms: number; readonly series: number } {
  const registry = shop(upstreams);
  const store = emptyStore();
  const series = createRegistrySeries(store, { job: "balancer", instance: "bench" });
  const ms = cost(2000, (at) => void series.take(registry, at));
  return { ms, series: store.stats.series };
}

const text = asText(135);
const registry = asRegistry(9);
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}\n`);
const rows: readonly (readonly [string, number, number])[] = [
  [`a text of ${text.series} series each second, share of a core`, text.ms / 1000, 0.02],
  [`a registry of ${registry.series} series sampled, ms`, registry.ms, 0.1],
];
for (const [what, measured, bar] of rows)
  console.log(
    `${what.padEnd(62)}${measured.toFixed(5).padStart(10)}   bar ${bar}${measured <= bar ? "" : "   NOT MET"}`,
  );
process.exitCode = rows.every(([, measured, bar]) => measured <= bar) ? 0 : 4;
