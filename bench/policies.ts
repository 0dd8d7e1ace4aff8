import { cpus } from "node:os";
import { parseBalancerConfig } from "../lb/config/parse.ts";
import type { BalancerConfig } from "../lb/config/schema.ts";
import { createBalancer } from "../lb/create-balancer.ts";
import { createBalancerMetrics } from "../lb/telemetry/metrics-observer.ts";
import { fanOut } from "../lb/observers.ts";
import { createPolicy, policyOptions, type PolicyOptions } from "../lb/policies/index.ts";
import type { Candidate } from "../lb/policies/policy.ts";
import { createStats } from "../lb/telemetry/stats.ts";
import { systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { seeded } from "../runtime/random.ts";
import { spentMs } from "./spent-time.ts";

/**
 * `npm run bench:policies`: what a pick costs under each policy, among 10 and among 10,000 upstreams, of equal and of
 * skewed weights; and what a configuration of 10,000 upstreams costs. Prints each figure with its bar.
 */

const PICK_BARS = [
  { upstreams: 10, bar: 1 },
  { upstreams: 10_000, bar: 2 },
] as const;
const CONFIG_BAR_MS = 100;
const ROUNDS = 7;
const PICKS = 20_000;
const WEIGHTS = {
  equal: () => 1,
  // Every weight there is, and one in ten of the largest.
  skewed: (i: number) => (i % 10 === 0 ? 256 : 1 + ((i * 37) % 256)),
};

interface Upstream extends Candidate {
  inFlight: number;
}

const missed: string[] = [];
const noneTried: ReadonlySet<Upstream> = new Set();
const keys = Array.from({ length: 4096 }, (_, i) => ({ key: `user-${i * 7919}` }));

/** Microseconds of a pick alone, of one with its change of load, and of one that avoids another; and of the first pick. */
function measurePick(options: PolicyOptions, upstreams: number, weightOf: (i: number) => number) {
  const candidates = Array.from({ length: upstreams }, (_, order): Upstream => {
    return { name: `web-${order}`, weight: weightOf(order), inFlight: 0, order };
  });
  const policy = createPolicy(options, { random: seeded(1), clock: systemClock, candidates });
  const { ms: firstMs, result: first } = spentMs(() => policy.pick({ key: "first" }, noneTried));
  const tried = new Set(first ? [first] : []);

  const inFlight: Upstream[] = [];
  function turn(one: Upstream | undefined) {
    if (one) {
      one.inFlight += 1;
      policy.loadChanged?.(one);
      inFlight.push(one);
    }
    const done = inFlight.length > 200 ? inFlight.shift() : undefined;
    if (!done) return;
    done.inFlight -= 1;
    policy.loadChanged?.(done);
    policy.observe?.(done, 1 + done.order / 100, false);
  }
  const request = (i: number) => keys[i & 4095] ?? { key: undefined };
  const timed = (run: (i: number) => void): number => {
    const { ms } = spentMs(() => {
      for (let i = 0; i < PICKS; i++) run(i);
    });
    return (ms * 1000) / PICKS;
  };
  const rounds = Array.from({ length: ROUNDS }, () => ({
    turn: timed((i) => turn(policy.pick(request(i), noneTried))),
    pick: timed((i) => void policy.pick(request(i), noneTried)),
    retry: timed((i) => void policy.pick(request(i), tried)),
  }));
  return {
    firstMs,
    pickUs: median(rounds.map(({ pick }) => pick)),
    turnUs: median(rounds.map(({ turn }) => turn)),
    retryUs: median(rounds.map(({ retry }) => retry)),
  };
}

/** A text with one pool of so many upstreams. */
function configText(policy: string, upstreams: number, weight: number): string {
  const lines = Array.from(
    { length: upstreams },
    (_, i) => `      - { name: web-${i}, address: 10.0.${i >> 8}.${i & 255}:9101, weight: ${weight} }`,
  );
  return [
    "listeners:",
    "  - { name: public, bind: 127.0.0.1:8080, routes: [{ path: /, pool: web }] }",
    "pools:",
    "  web:",
    `    policy: ${policy}`,
    "    health: { path: /healthz }",
    "    outlier: {}",
    "    upstreams:",
    ...lines,
    "",
  ].join("\n");
}

function parse(text: string): BalancerConfig {
  const parsed = parseBalancerConfig(text, "bench.yaml");
  if (!parsed.ok) throw new Error("the configuration is faulty");
  return parsed.config;
}

/** Milliseconds to read a configuration of 10,000 upstreams, and to put it in force with metrics and statistics on. */
function measureConfig(policy: string) {
  const deps = {
    clock: systemClock,
    random: seeded(1),
    log: silentLog,
    transport: {
      send: () => ({ abort() {} }),
      check: () => ({ connected: false, cancel() {} }),
      counts: () => ({ idle: 0, active: 0, reuses: 0 }),
      forget() {},
      close() {},
    },
    observer: fanOut([createBalancerMetrics({ clock: systemClock }), createStats({ clock: systemClock })]),
  };
  const balancer = createBalancer(parse(configText(policy, 1, 1)), 1, deps);
  let version = 1;
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const read = spentMs(() => parse(configText(policy, 10_000, 1 + round)));
    const changed = spentMs(() => balancer.apply(read.result, ++version));
    const shrunk = spentMs(() => balancer.apply(parse(configText(policy, 1, 1)), ++version));
    const grown = spentMs(() => balancer.apply(read.result, ++version));
    return { readMs: read.ms, applyMs: Math.max(changed.ms, grown.ms), shrinkMs: shrunk.ms };
  });
  balancer.close();
  return rounds;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function shown(name: string, value: number, bar: number, digits = 2): string {
  if (!(value < bar)) missed.push(name);
  return `${value.toFixed(digits).padStart(8)} < ${bar}`;
}

console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}; medians of ${ROUNDS}\n`);
console.log(
  "microseconds        upstreams weights      pick (bar)    with load   avoiding one   first pick, ms",
);
const policies = policyOptions.options.map((option) => {
  const { value: type } = option.shape.type;
  return policyOptions.parse({ type, ...("key" in option.shape && { key: "cookie:user" }) });
});
for (const options of policies)
  for (const { upstreams, bar } of PICK_BARS)
    for (const [weights, weightOf] of Object.entries(WEIGHTS)) {
      const { pickUs, turnUs, retryUs, firstMs } = measurePick(options, upstreams, weightOf);
      const name = `${options.type}, ${upstreams}, ${weights}`;
      console.log(
        options.type.padEnd(20),
        String(upstreams).padStart(8),
        weights.padEnd(8),
        shown(name, pickUs, bar),
        turnUs.toFixed(2).padStart(12),
        retryUs.toFixed(2).padStart(12),
        firstMs.toFixed(1).padStart(16),
      );
    }

console.log(
  "\nmilliseconds for 10,000 upstreams      read  apply (bar)  both, best (bar)  both, median  first  to one",
);
for (const policy of [
  "{ type: round-robin }",
  "{ type: least-connections }",
  '{ type: maglev, key: "cookie:user" }',
]) {
  const rounds = measureConfig(policy);
  const column = (of: (round: (typeof rounds)[number]) => number, width: number) =>
    median(rounds.map(of)).toFixed(0).padStart(width);
  const both = rounds.map(({ readMs, applyMs }) => readMs + applyMs);
  console.log(
    policy.padEnd(36),
    column(({ readMs }) => readMs, 6),
    shown(`apply, ${policy}`, median(rounds.map(({ applyMs }) => applyMs)), CONFIG_BAR_MS, 0).padStart(12),
    shown(`read and apply, ${policy}`, Math.min(...both), CONFIG_BAR_MS, 0).padStart(17),
    median(both).toFixed(0).padStart(13),
    (both[0] ?? Number.NaN).toFixed(0).padStart(6),
    column(({ shrinkMs }) => shrinkMs, 7),
  );
}
console.log(missed.length === 0 ? "\nevery bar is met" : `\nnot met: ${missed.join("; ")}`);
process.exitCode = missed.length === 0 ? 0 : 4;
