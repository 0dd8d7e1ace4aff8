import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../runtime/clock.ts";
import { createQueryEngine } from "../lab/observe/promql/engine.ts";
import { createRuleEvaluator } from "../lab/observe/rules/rule-evaluator.ts";
import { loadRules, type RuleGroup } from "../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../lab/observe/sample-store.ts";
import { parseSeries, readExposition } from "../lab/observe/scrape/exposition.ts";
import { createTargetSeries } from "../lab/observe/scrape/target-series.ts";

/**
 * `npm run bench:promql`: what the evaluator costs, each figure beside its bar: forty rules over a hundred series, a
 * thousand series scraped and evaluated every second, and a range query. Times are of the processor, the best of several
 * runs: the others include other work of the machine. Exit code 4 when a bar is missed.
 */

const ALERTS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "dashboards", "alerts");
const ROLES = ["web", "auth"];
const START = 1_700_000_000_000;
const SECONDS = 900;
const RUNS = 7;

/** A text exposition of about so many series, as the balancer's at a moment. */
function exposition(upstreams: number, second: number): string {
  const lines: string[] = [];
  for (let n = 0; n < upstreams; n++) {
    const labels = `pool="${ROLES[n % 2]}",upstream="up-${n}"`;
    lines.push(`lb_upstream_requests_total{${labels},result="ok"} ${second * (20 + n)}`);
    lines.push(`lb_upstream_in_flight{${labels}} ${(second + n) % 5}`);
    lines.push(`lb_upstream_weight{${labels}} 1`);
    lines.push(`lb_upstream_state{${labels},state="UP"} 1`, `lb_upstream_state{${labels},state="DOWN"} 0`);
  }
  for (const route of ["page", "account", "login", "api"]) {
    for (const result of ["ok", "status", "timeout", "refused"])
      lines.push(
        `probe_requests_total{route="${route}",result="${result}"} ${result === "ok" ? second * 25 : 0}`,
      );
    for (const le of ["0.05", "0.1", "0.25", "0.5", "1", "+Inf"])
      lines.push(`probe_request_duration_seconds_bucket{route="${route}",le="${le}"} ${second * 25}`);
  }
  lines.push(`lb_config_version 1`, `lb_distribution_skew{pool="web"} 1.02`);
  return `${lines.join("\n")}\n`;
}

function filled(upstreams: number) {
  const store = createSampleStore({ retentionMs: 3_600_000, maxSeries: 20_000 });
  const series = createTargetSeries(store, { job: "balancer", instance: "bench" });
  const scrape = (second: number): void => {
    series.begin(START + second * 1000);
    readExposition(exposition(upstreams, second), ({ series: text, value, atMs }) =>
      series.write(text, value, atMs, () => parseSeries(text)),
    );
    series.end();
  };
  for (let second = 0; second <= SECONDS; second++) scrape(second);
  return { store, scrape };
}

/** The rules of the lab, again and again until there are forty. */
function fortyRules(engine: ReturnType<typeof createQueryEngine>): RuleGroup[] {
  const groups = readdirSync(ALERTS)
    .filter((name) => name.endsWith(".rules.yml"))
    .flatMap((name) => {
      const loaded = loadRules(readFileSync(join(ALERTS, name), "utf8"), name, engine);
      return loaded.ok ? loaded.groups : [];
    });
  const rules = groups.flatMap((group) => group.rules);
  const forty = Array.from({ length: 40 }, (_, i) => rules[i % rules.length]).filter(
    (rule) => rule !== undefined,
  );
  return [{ file: "bench", name: "forty", intervalMs: undefined, limit: 0, rules: forty }];
}

/** Milliseconds of processor time that one turn takes, the best of several runs. */
function cost(turns: number, run: (turn: number) => void): number {
  let best = Infinity;
  let turn = 0;
  for (let i = 0; i < RUNS; i++) {
    const before = process.cpuUsage();
    for (let n = 0; n < turns; n++) run(turn++);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000 / turns);
  }
  return best;
}

function evaluation(upstreams: number): { readonly ms: number; readonly series: number } {
  const { store } = filled(upstreams);
  const engine = createQueryEngine(store);
  const rules = createRuleEvaluator(
    { groups: fortyRules(engine), intervalMs: 0 },
    { store, engine, clock: systemClock },
  );
  const ms = cost(200, (turn) => void rules.evaluate(START + SECONDS * 1000 + turn));
  return { ms, series: store.stats.series };
}

function second(upstreams: number): { readonly ms: number; readonly series: number } {
  const { store, scrape } = filled(upstreams);
  const engine = createQueryEngine(store);
  const rules = createRuleEvaluator(
    { groups: fortyRules(engine), intervalMs: 0 },
    { store, engine, clock: systemClock },
  );
  const ms = cost(30, (turn) => {
    scrape(SECONDS + 1 + turn);
    rules.evaluate(START + (SECONDS + 1 + turn) * 1000);
  });
  return { ms, series: store.stats.series };
}

function rangeQuery(): number {
  const { store } = filled(10);
  const engine = createQueryEngine(store);
  const query = engine.compile("rate(lb_upstream_requests_total[15s])");
  return cost(5, () => void query.range(START, START + SECONDS * 1000, 1000));
}

const rows: readonly (readonly [string, number, number])[] = (() => {
  const small = evaluation(11);
  const large = second(190);
  return [
    [`one evaluation of 40 rules, ${small.series} series, ms`, small.ms, 0.3],
    [`a second of ${large.series} series and 40 rules, share of a core`, large.ms / 1000, 0.05],
    ["a range of 15 minutes at 1 s, 10 series, ms", rangeQuery(), 20],
  ];
})();
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}\n`);
for (const [what, measured, bar] of rows)
  console.log(
    `${what.padEnd(62)}${measured.toFixed(3).padStart(10)}   bar ${bar}${measured <= bar ? "" : "   NOT MET"}`,
  );
process.exitCode = rows.every(([, measured, bar]) => measured <= bar) ? 0 : 4;
