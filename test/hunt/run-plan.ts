import { createHash } from "node:crypto";
import type { Balancer, RequestRecord } from "../../lb/balancer.ts";
import { createBalancer } from "../../lb/create-balancer.ts";
import { createBalancerMetrics } from "../../lb/telemetry/metrics-observer.ts";
import { fanOut } from "../../lb/observers.ts";
import type { SimulatedExchange } from "../../lab/world/simulated/exchange.ts";
import { createNetwork } from "../../lab/world/simulated/network.ts";
import { createSimulatedTransport } from "../../lab/world/simulated/transport.ts";
import { createNodeTime } from "../../lab/world/simulated/node-time.ts";
import { type VirtualTime } from "../../lab/world/simulated/virtual-time.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { describeTracked } from "./tracked-request.ts";
import { createBackend } from "./backend.ts";
import { BALANCER_PORT, configOf } from "./config-file.ts";
import { createCountedClock } from "./counted-clock.ts";
import { createDirector } from "./director.ts";
import { createUserSide } from "./user-side.ts";
import { createTricklingTransport } from "./engine.ts";
import { checkMetrics } from "./exposition.ts";
import { createFacts, availableOf } from "./facts.ts";
import { createFindings, type Finding, type Findings } from "./findings.ts";
import type { Plan } from "./plan.ts";
import { askOneByOne, judgeQuiet } from "./quiet.ts";
import { sampleViews } from "./sample.ts";
import { recordingObserver } from "./recording-observer.ts";
import { createRetrying, recordingTransport } from "./recording-transport.ts";
import { metricsText } from "../../runtime/metrics/text.ts";

export interface RunResult {
  readonly findings: readonly Finding[];
  readonly requests: number;
  readonly virtualMs: number;
  /** SHA-256 of the outcomes of all requests, with their times. */
  readonly digest: string;
}

/** What makes the balancer: the real one, or one that is wrong on purpose. */
export type MakeBalancer = typeof createBalancer<SimulatedExchange>;

/** Every request has ended after this time, with any outcome. */
const END_MS = 120_000;
/** The longest that an upstream may be unavailable after the last fault. */
const RECOVERY_MS = 330_000;
const HEALED_MS = 1000;
const QUIET_MS = 60_000;
const TURN_MS = 250;

/** Carries a plan out in virtual time, heals everything, and judges all that happened. */
export async function runPlan(plan: Plan, make: MakeBalancer = createBalancer): Promise<RunResult> {
  const time = createNodeTime();
  const findings = createFindings(() => time.nowMs);
  const lines: string[] = [];
  let requests = 0;
  try {
    requests = await play(plan, make, time, findings, lines);
  } catch (error) {
    findings.broken("no crash", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const digest = createHash("sha256").update(lines.join("\n")).digest("hex");
  return { findings: findings.list, requests, virtualMs: time.nowMs, digest };
}

async function play(
  plan: Plan,
  make: MakeBalancer,
  time: VirtualTime,
  findings: Findings,
  lines: string[],
): Promise<number> {
  const { broken } = findings;
  const random = seeded(plan.seed);
  const clock = time.clock("data");
  const watched = createCountedClock(time.clock("data"));
  const network = createNetwork({ clock });
  const facts = createFacts();
  const retrying = createRetrying();
  const metrics = createBalancerMetrics({ clock: watched });
  const records: RequestRecord[] = [];
  const backends = plan.backends.map((backend, index) =>
    createBackend(index, backend, { clock, random: random.fork(`backend/${index}`), network }),
  );

  const users = network.attach("users");
  const userSide = createUserSide({ clock, users, facts, findings, balancer: () => balancer });
  const end = network.attach("balancer");
  const transport = recordingTransport(
    createTricklingTransport(createSimulatedTransport(end, clock), watched),
    retrying,
    { clock, facts, findings, trackedOf: userSide.ofExchange, balancer: () => balancer },
  );
  const recording = recordingObserver({
    facts,
    findings,
    trackedById: userSide.byId,
    onRecord({ id }, record) {
      userSide.recorded(record);
      records.push(record);
      const { status, flag, state, attempts, totalMs } = record;
      const tried = attempts.map(({ upstream, result }) => `${upstream}:${result}`).join(",");
      lines.push(`${id} ${status} ${flag} ${state} ${tried} ${totalMs} ${time.nowMs}`);
    },
  });
  const config = configOf(plan.config);
  facts.configure(config);
  const balancer: Balancer<SimulatedExchange> = make(config, 1, {
    clock: watched,
    random: random.fork("balancer"),
    log: silentLog,
    transport,
    observer: fanOut([metrics, { ...recording, retry: retrying.retry }]),
  });
  end.bind(BALANCER_PORT, userSide.accept);
  const director = createDirector(plan.config, { clock, network, backends, balancer, facts, findings });
  const sample = (): void => sampleViews(balancer, facts, userSide.open, findings);

  async function until(met: () => boolean, limitMs: number): Promise<boolean> {
    for (let passed = 0; passed < limitMs && !met(); passed += TURN_MS) await time.run(TURN_MS);
    sample();
    return met();
  }

  let requestSteps = 0;
  for (const step of plan.steps) {
    const id = step.do === "request" ? `r${requestSteps++}` : "";
    clock.after(step.at, () => {
      if (step.do === "request") userSide.ask(id, step);
      else director.perform(step);
      sample();
    });
  }
  // Until the last fault is over, too.
  const ends = plan.steps.map((step) => step.at + (step.do === "link" ? step.forMs : 0));
  await time.run(Math.max(0, ...ends) + TURN_MS);
  if (!(await until(() => userSide.open === 0, END_MS)))
    for (const tracked of userSide.tracked.values())
      if (!tracked.ended) broken("nothing stays", `${describeTracked(tracked)} has not ended`);

  for (const backend of backends) backend.heal();
  // Their earlier requests, health checks too, have an answer then.
  await time.run(HEALED_MS);
  const isWell = (): boolean =>
    balancer
      .pools()
      .every(({ upstreams }) =>
        upstreams.every(
          ({ state, weight, effectiveWeight }) =>
            state === "DRAIN" || state === "MAINT" || (state === "UP" && effectiveWeight === weight),
        ),
      );
  if (!(await until(isWell, RECOVERY_MS)))
    broken("recovery", "not every upstream is UP with all its weight again, with nothing wrong any more");
  for (const pool of facts.pools.values()) {
    if (availableOf(pool).length === 0) continue;
    const quiet = askOneByOne(userSide, pool, () => time.nowMs);
    await until(() => quiet.done, QUIET_MS);
    judgeQuiet(userSide, pool, quiet, findings);
  }

  const registry = metrics.read({
    pools: () => balancer.pools(),
    connections: (address) => transport.counts({ host: "127.0.0.1", port: Number(address.split(":")[1]) }),
  });
  checkMetrics(metricsText(registry), facts, { records, lasting: director.lasting }, findings);
  balancer.close();
  if (transport.open > 0)
    broken("nothing stays", `${transport.open} attempts and checks are under way at the end`);
  if (watched.pending > 0) broken("nothing stays", `${watched.pending} timers are left at the end`);
  if (end.serving() > 0) broken("nothing stays", `${end.serving()} clients wait at the end`);
  return userSide.tracked.size;
}
