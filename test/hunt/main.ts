import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { sleep, systemClock } from "../../runtime/clock.ts";
import { EXIT } from "../../runtime/errors.ts";
import { onInterrupt } from "../on-interrupt.ts";
import { runCanaries, type CanaryFinding } from "./canaries.ts";
import { drawPlan } from "./draw-plan.ts";
import { tryPlan } from "./hunt.ts";
import type { Plan } from "./plan.ts";
import { describeCatch, writePlan, type Catch } from "./report.ts";
import { shrink } from "./shrink.ts";

/**
 * `npm run hunt -- [--seeds N] [--minutes M] [--from N] [--seed N] [--replay FILE] [--json]`: random topologies, settings,
 * faults and changes, each from a seed, through the balancer in virtual time, against what must always hold; and with each
 * seed a run of canaries, their steps, promotions and aborts. Progress on
 * standard error; Ctrl-C prints what is done. Exit code 1 when something did not hold, 2 for arguments that are wrong, 130 on
 * Ctrl-C.
 */

const DIRECTORY = ".lab/hunt";
const SHRINK_MS = 30_000;
const PROGRESS_MS = 5000;
/** After so many catches there is enough to repair. */
const MOST = 5;

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly minutes: number;
  readonly replay: string | undefined;
  readonly json: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      minutes: { type: "string", default: "5" },
      replay: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const whole = (name: string, text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} must be a whole number from 1 on: ${text}`);
    return value;
  };
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0: ${values.minutes}`);
  const { seed, replay, json } = values;
  return {
    seeds: seed === undefined ? whole("seeds", values.seeds) : 1,
    from: seed === undefined ? whole("from", values.from) : whole("seed", seed),
    minutes,
    replay,
    json,
  };
}

const report = (line: string): void => void process.stderr.write(`${line}\n`);

function* plansOf({ from, seeds, replay }: Options): Generator<Plan> {
  if (replay !== undefined) yield JSON.parse(readFileSync(replay, "utf8")) as Plan;
  else for (let seed = from; seed < from + seeds; seed++) yield drawPlan(seed);
}

async function hunt(options: Options, signal: AbortSignal): Promise<void> {
  const began = systemClock.now();
  const until = began + options.minutes * 60_000;
  const caught: Catch[] = [];
  const canaries: (CanaryFinding & { readonly seed: number })[] = [];
  let [ran, requests, virtualMs, reported] = [0, 0, 0, began];
  for (const plan of plansOf(options)) {
    // A run never waits for anything outside: without a free turn no signal would come through.
    await sleep(systemClock, 0);
    if (systemClock.now() > until || caught.length + canaries.length >= MOST || signal.aborted) break;
    const result = await tryPlan(plan);
    ran += 1;
    requests += result.requests;
    virtualMs += result.virtualMs;
    const [finding] = result.findings;
    if (finding) caught.push(await catchOf(plan, finding, options.replay));
    // A replay is of a plan, and these have none: their seed says it all.
    if (options.replay === undefined)
      canaries.push(...runCanaries(plan.seed).map((one) => ({ seed: plan.seed, ...one })));
    if (systemClock.now() - reported < PROGRESS_MS) continue;
    reported = systemClock.now();
    report(
      `${ran} of ${options.seeds} seeds, ${requests} requests, ${caught.length + canaries.length} findings, ${seconds(reported - began)} s`,
    );
  }
  const wallMs = Math.round(systemClock.now() - began);
  const { from, seeds, replay } = options;
  const of = replay === undefined ? seeds : 1;
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, from, seeds: of, ran, requests, virtualSeconds: Math.round(virtualMs / 1000), wallMs, findings: caught, canaries })}\n`,
    );
  for (const one of caught) report(describeCatch(one));
  for (const { seed, invariant, step, detail } of canaries)
    report(
      `seed ${seed} broke "${invariant}" of canaries at step ${step}: ${detail}\n  again:    npm run hunt -- --seed ${seed}`,
    );
  const why = signal.aborted ? "interrupted" : `then the time was up (--minutes ${options.minutes})`;
  const found = caught.length + canaries.length;
  const end = ran < of && found < MOST ? `, ${why}` : "";
  const verdict = found === 0 ? "everything held" : `${found} FINDINGS (exit code 1)`;
  const line = `hunt: ${verdict} in ${ran} of ${of} seeds from ${from} on${end}: ${requests} requests, ${seconds(virtualMs)} s of virtual time, in ${seconds(wallMs)} s`;
  (options.json ? report : (text: string) => process.stdout.write(`${text}\n`))(line);
  process.exitCode = signal.aborted ? EXIT.interrupted : found === 0 ? 0 : 1;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(0);

async function catchOf(plan: Plan, finding: Catch["finding"], replayed: string | undefined): Promise<Catch> {
  const steps = plan.steps.length;
  if (replayed !== undefined) return { seed: plan.seed, finding, steps, shortest: plan, file: replayed };
  report(`seed ${plan.seed} broke "${finding.invariant}": looking for the shortest way there`);
  const until = systemClock.now() + SHRINK_MS;
  const shortest = await shrink(
    plan,
    async (simpler) => (await tryPlan(simpler)).findings[0]?.invariant === finding.invariant,
    () => systemClock.now() > until,
  );
  const [shown = finding] = (await tryPlan(shortest)).findings;
  return {
    seed: plan.seed,
    finding: shown,
    steps,
    shortest,
    file: writePlan(DIRECTORY, plan.seed, shortest),
  };
}

let options: Options | undefined;
try {
  options = readOptions();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  report("npm run hunt -- [--seeds 1000] [--minutes 5] [--from 1] [--seed N] [--replay FILE] [--json]");
  process.exitCode = 2;
}
if (options) await hunt(options, onInterrupt());
