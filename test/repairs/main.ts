import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exactInterval } from "../../lab/contract/interval.ts";
import { inThreads } from "../../runtime/threads.ts";
import { table } from "../../lab/cli/tables.ts";
import { systemClock } from "../../runtime/clock.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import type { RepairTask } from "./thread-main.ts";
import type { Tried } from "./try-repair.ts";

/**
 * `npm run hunt:repairs -- [--trials N] [--seed FROM] [--minutes M] [--only INCIDENT] [--json]`: repairs by chance in every
 * incident, in virtual time, and the verdicts of the check and the end on them beside users' records. Exit code 1 when
 * the judge was wrong more often than is published, 2 for arguments that are wrong.
 */

const PROGRESS_MS = 10_000;
/** As published in docs/judge.md, and no looser than its intervals: more than this, with certainty, is news. */
const PUBLISHED = { falsePasses: 0.0047, falseRefusals: 0.0032 } as const;

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

const whole = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number from 1 on: ${text}`);
  return value;
};

const report = (line: string): void => void process.stderr.write(`${line}\n`);

async function hunt(values: {
  readonly trials: string;
  readonly seed: string;
  readonly minutes: string;
  readonly only?: string | undefined;
  readonly json: boolean;
}): Promise<void> {
  const began = systemClock.now();
  const [trials, from] = [whole("trials", values.trials), whole("seed", values.seed)];
  const until = began + whole("minutes", values.minutes) * 60_000;
  const scenarios = SCENARIOS.filter(
    ({ id, alias }) => values.only === undefined || values.only === id || values.only === alias,
  );
  if (scenarios.length === 0) throw new Error(`--only names no incident: ${values.only}`);

  const wrong: Wrong[] = [];
  const voids: string[] = [];
  const counts = new Map(
    SCENARIOS.map(({ alias, id }) => [
      id,
      {
        alias,
        trials: 0,
        passes: { errors: 0, trials: 0 },
        refusals: { errors: 0, trials: 0 },
      },
    ]),
  );
  let ran = 0;
  let reported = began;

  function* tasks(): Generator<RepairTask> {
    for (let i = 0; i < trials && systemClock.now() < until; i++) {
      const scenario = scenarios[i % scenarios.length];
      if (scenario) yield { scenario: scenario.id, seed: from + Math.floor(i / scenarios.length) };
    }
  }

  function note(task: RepairTask, tried: Tried): void {
    ran += 1;
    const count = counts.get(task.scenario);
    if (count) count.trials += 1;
    if (tried.void !== null) voids.push(`${task.scenario} ${task.seed}: ${tried.void}`);
    for (const { question, ok, felt, truth } of tried.verdicts) {
      // An OK is false when users were not well, a NO when they were.
      const side = ok ? count?.passes : count?.refusals;
      if (side) side.trials += 1;
      if (ok === truth.well) continue;
      if (side) side.errors += 1;
      wrong.push({
        task,
        kind: ok ? "false pass" : "false refusal",
        question,
        steps: tried.steps,
        because: ok ? truth.because : felt,
      });
    }
    if (systemClock.now() - reported < PROGRESS_MS) return;
    reported = systemClock.now();
    report(
      `${ran} of ${trials} repairs, ${wrong.length} verdicts that were wrong, ${Math.round((reported - began) / 1000)} s`,
    );
  }

  await inThreads<RepairTask, Tried>(
    tasks(),
    {
      count: availableParallelism(),
      main: new URL("./thread-main.js", import.meta.url),
      data: { dashboards: join(import.meta.dirname, "..", "..", "..", "dashboards") },
    },
    note,
    new AbortController().signal,
  );

  const rate = ({ errors, trials }: Count) => ({ errors, trials, ...exactInterval(errors, trials) });
  const sum = (side: "passes" | "refusals"): Count =>
    [...counts.values()].reduce(
      (all, count) => ({
        errors: all.errors + count[side].errors,
        trials: all.trials + count[side].trials,
      }),
      { errors: 0, trials: 0 },
    );
  const falsePasses = rate(sum("passes"));
  const falseRefusals = rate(sum("refusals"));
  const seconds = Math.round((systemClock.now() - began) / 1000);
  if (values.json)
    console.log(
      JSON.stringify({ schemaVersion: 1, from, ran, seconds, falsePasses, falseRefusals, wrong, voids }),
    );
  else {
    for (const { task, kind, question, steps, because } of wrong)
      console.log(
        `${kind} of ${question}: ${because.join("; ")}\n  ${steps.join("; ")}\n  npm run hunt:repairs -- --only ${task.scenario} --seed ${task.seed} --trials 1`,
      );
    for (const line of voids) console.log(`no verdict: ${line}`);
    const of = ({ errors, trials }: Count): string => `${errors} of ${trials}`;
    console.log(
      table(
        ["incident", "repairs", "false passes", "false refusals"],
        [...counts.values()].map(({ alias, trials: all, passes, refusals }) => [
          alias,
          String(all),
          of(passes),
          of(refusals),
        ]),
      ),
    );
    const percent = (ratio: number): string => (ratio * 100).toFixed(2);
    const text = (name: string, { errors, trials, low, high }: ReturnType<typeof rate>): string =>
      `${name} ${errors} of ${trials} (95 % interval ${percent(low)} to ${percent(high)} %)`;
    console.log(
      `${ran} repairs in ${seconds} s: ${text("false passes", falsePasses)}; ${text("false refusals", falseRefusals)}`,
    );
  }
  const isNews = falsePasses.low > PUBLISHED.falsePasses || falseRefusals.low > PUBLISHED.falseRefusals;
  process.exitCode = isNews || ran === 0 ? 1 : 0;
}

try {
  const { values } = parseArgs({
    options: {
      trials: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: "20" },
      only: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  await hunt(values);
} catch (error) {
  report(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 2;
}
