import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exactInterval } from "../../lab/contract/interval.ts";
import { inThreads } from "../../runtime/threads.ts";
import { table } from "../../lab/cli/tables.ts";
import { systemClock } from "../../runtime/clock.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { EXIT } from "../../runtime/errors.ts";
import { onInterrupt } from "../on-interrupt.ts";
import type { RepairTask } from "./thread-main.ts";
import type { Tried } from "./try-repair.ts";

/**
 * `npm run hunt:repairs -- [--trials N] [--seed FROM] [--minutes M] [--only INCIDENT] [--json]`: repairs by chance in every
 * incident, in virtual time, and the verdicts of the check and the end on them beside users' records. Ctrl-C prints what
 * is done. Exit code 1 when the judge was wrong more often than is published, 2 for arguments that are wrong, 130 on Ctrl-C.
 */

const PROGRESS_MS = 10_000;
/** As published in docs/judge.md, and no looser than its intervals: more than this, with certainty, is news. */
const PUBLISHED = { falsePasses: 0.005, falseRefusals: 0.0029 } as const;

interface Wrong {
  readonly task: RepairTask;
  readonly kind: "false pass" | "false refusal";
  readonly question: string;
  readonly steps: readonly string[];
  readonly because: readonly string[];
}

interface Count {
  errors: number;
  trials: number;
}

interface IncidentCount {
  readonly alias: string;
  trials: number;
  readonly passes: Count;
  readonly refusals: Count;
}

interface Options {
  readonly trials: number;
  readonly from: number;
  readonly minutes: number;
  readonly scenarios: readonly Scenario[];
  readonly json: boolean;
}

/** What came out so far. */
interface Found {
  readonly wrong: Wrong[];
  readonly voids: string[];
  /** By the incident's id. */
  readonly counts: ReadonlyMap<string, IncidentCount>;
  ran: number;
}

const whole = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number from 1 on: ${text}`);
  return value;
};

const report = (line: string): void => void process.stderr.write(`${line}\n`);

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      trials: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: "20" },
      only: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { only, json } = values;
  const scenarios = SCENARIOS.filter(({ id, alias }) => only === undefined || only === id || only === alias);
  if (scenarios.length === 0) throw new Error(`--only names no incident: ${only}`);
  return {
    trials: whole("trials", values.trials),
    from: whole("seed", values.seed),
    minutes: whole("minutes", values.minutes),
    scenarios,
    json,
  };
}

const nothingFound = (): Found => ({
  wrong: [],
  voids: [],
  counts: new Map(
    SCENARIOS.map(({ alias, id }) => [
      id,
      { alias, trials: 0, passes: { errors: 0, trials: 0 }, refusals: { errors: 0, trials: 0 } },
    ]),
  ),
  ran: 0,
});

function note(found: Found, task: RepairTask, tried: Tried): void {
  found.ran += 1;
  const count = found.counts.get(task.scenario);
  if (count) count.trials += 1;
  if (tried.void !== null) found.voids.push(`${task.scenario} ${task.seed}: ${tried.void}`);
  for (const { question, ok, felt, truth } of tried.verdicts) {
    // An OK is false when users were not well, a NO when they were.
    const side = ok ? count?.passes : count?.refusals;
    if (side) side.trials += 1;
    if (ok === truth.well) continue;
    if (side) side.errors += 1;
    found.wrong.push({
      task,
      kind: ok ? "false pass" : "false refusal",
      question,
      steps: tried.steps,
      because: ok ? truth.because : felt,
    });
  }
}

/** Resolves when all were tried, when the time is up and on the signal. */
async function tryAll(
  { trials, from, minutes, scenarios }: Options,
  found: Found,
  signal: AbortSignal,
): Promise<void> {
  const began = systemClock.now();
  let reported = began;
  function* tasks(): Generator<RepairTask> {
    for (let i = 0; i < trials && systemClock.now() < began + minutes * 60_000; i++) {
      const scenario = scenarios[i % scenarios.length];
      if (scenario) yield { scenario: scenario.id, seed: from + Math.floor(i / scenarios.length) };
    }
  }
  const threads = {
    count: availableParallelism(),
    main: new URL("./thread-main.js", import.meta.url),
    data: { dashboards: join(import.meta.dirname, "..", "..", "..", "dashboards") },
  };
  const onTried = (task: RepairTask, tried: Tried): void => {
    note(found, task, tried);
    if (systemClock.now() - reported < PROGRESS_MS) return;
    reported = systemClock.now();
    report(
      `${found.ran} of ${trials} repairs, ${found.wrong.length} verdicts that were wrong, ${Math.round((reported - began) / 1000)} s`,
    );
  };
  try {
    await inThreads<RepairTask, Tried>(tasks(), threads, onTried, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    report(`interrupted: ${found.ran} of ${trials} repairs are done`);
  }
}

type Rate = Count & ReturnType<typeof exactInterval>;

function rateOf({ counts }: Found, side: "passes" | "refusals"): Rate {
  const all = [...counts.values()].map((count) => count[side]);
  const errors = all.reduce((sum, count) => sum + count.errors, 0);
  const trials = all.reduce((sum, count) => sum + count.trials, 0);
  return { errors, trials, ...exactInterval(errors, trials) };
}

const rateText = (name: string, { errors, trials, low, high }: Rate): string =>
  `${name} ${errors} of ${trials} (95 % interval ${percent(low)} to ${percent(high)} %)`;

const percent = (ratio: number): string => (ratio * 100).toFixed(2);

function printText({ wrong, voids, counts, ran }: Found, rates: string, seconds: number): void {
  for (const { task, kind, question, steps, because } of wrong)
    console.log(
      `${kind} of ${question}: ${because.join("; ")}\n  ${steps.join("; ")}\n  npm run hunt:repairs -- --only ${task.scenario} --seed ${task.seed} --trials 1`,
    );
  for (const line of voids) console.log(`no verdict: ${line}`);
  const of = ({ errors, trials }: Count): string => `${errors} of ${trials}`;
  console.log(
    table(
      ["incident", "repairs", "false passes", "false refusals"],
      [...counts.values()].map(({ alias, trials, passes, refusals }) => [
        alias,
        String(trials),
        of(passes),
        of(refusals),
      ]),
    ),
  );
  console.log(`${ran} repairs in ${seconds} s: ${rates}`);
}

/** The exit code. */
async function hunt(options: Options, signal: AbortSignal): Promise<number> {
  const began = systemClock.now();
  const found = nothingFound();
  await tryAll(options, found, signal);
  const falsePasses = rateOf(found, "passes");
  const falseRefusals = rateOf(found, "refusals");
  const seconds = Math.round((systemClock.now() - began) / 1000);
  const { ran, wrong, voids } = found;
  if (options.json)
    console.log(
      JSON.stringify({
        schemaVersion: 1,
        from: options.from,
        ran,
        seconds,
        falsePasses,
        falseRefusals,
        wrong,
        voids,
      }),
    );
  else
    printText(
      found,
      `${rateText("false passes", falsePasses)}; ${rateText("false refusals", falseRefusals)}`,
      seconds,
    );
  if (signal.aborted) return EXIT.interrupted;
  const isNews = falsePasses.low > PUBLISHED.falsePasses || falseRefusals.low > PUBLISHED.falseRefusals;
  return isNews || ran === 0 ? 1 : 0;
}

try {
  process.exitCode = await hunt(readOptions(), onInterrupt());
} catch (error) {
  report(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 2;
}
