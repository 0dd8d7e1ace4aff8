import { sleep, type Clock } from "../../runtime/clock.ts";
import type { PaceSet } from "../../scenarios/scenario.ts";
import { WINDOW_MS } from "../judge/impact.ts";
import type { ResponderOptions } from "../responders/responder.ts";
import type { Trainee } from "../trainee/trainee.ts";
import { seenBy, type Seen } from "./seen.ts";
import type { Treatment } from "./trial.ts";

/** What was done and seen in a trial, beside its journal. */
export interface TrialRecord {
  /** When the last step was over (epoch ms). */
  treatedAt: number;
  /** Steps that could not be done, as the lab put it. */
  readonly refusedSteps: string[];
  /** When a check passed first. */
  passedAt: number | null;
  /** What a check said after one had passed, when that was NO. */
  readonly relapses: string[];
  /** What users felt, at the last check that said NO. */
  felt: readonly string[];
  readonly seen: Seen[];
}

const LOOK_EVERY_MS = 1000;
/** Beyond the time in which an impact settles: people need some to do anything. */
const ACT_MS = 3000;
/** Long enough for some 2,000 requests of most probers: three standard deviations are then about three points. */
const MEASURE_MS = 2 * WINDOW_MS;
/** Long enough for every alert to fire that is to fire: rules wait for up to this long. */
const QUIET_MS = 3 * WINDOW_MS;
const VERDICT_MS = WINDOW_MS + 3000;

/**
 * Applies the treatment in a running drill. Wrong fixes are judged fairly: they get the time that the pace gives right
 * ones, are checked all the while, and once more when it is over.
 */
export async function applyTreatment(
  trainee: Trainee,
  { clock, signal }: ResponderOptions,
  { pace, treatment }: { readonly pace: PaceSet; readonly treatment: Treatment },
  record: TrialRecord,
): Promise<void> {
  const look = async (): Promise<void> => void record.seen.push(await seenBy(trainee));
  const check = async (): Promise<boolean> => {
    const { ok, felt } = await trainee.check();
    if (ok) record.passedAt ??= clock.wall();
    else record.felt = felt;
    return ok;
  };
  const wait = (ms: number): Promise<void> => sleep(clock, ms, signal);

  if (treatment.kind === "quiet") {
    await wait(QUIET_MS);
    await look();
    if (!(await check())) record.relapses.push(...record.felt);
    return;
  }
  await impactOpens(trainee, clock, signal);
  await wait(pace.impact.settleMs + ACT_MS);
  if (treatment.kind === "untouched") {
    const end = clock.wall() + MEASURE_MS;
    record.treatedAt = clock.wall();
    await look();
    while (clock.wall() < end) await check();
    return;
  }
  for (const step of treatment.fix.steps) {
    const { ok, message } = await trainee.act(step);
    if (!ok) record.refusedSteps.push(message);
  }
  record.treatedAt = clock.wall();
  await look();
  const end = record.treatedAt + pace.recoveryMs;
  if (treatment.kind === "wrong") {
    while (clock.wall() < end) await check();
    await check();
    return;
  }
  while (record.passedAt === null && clock.wall() < end + VERDICT_MS) await check();
  if (record.passedAt === null) return;
  // Well once may be chance: a second look has a window all of its own.
  await wait(VERDICT_MS);
  if (!(await check())) record.relapses.push(...record.felt);
}

/** Resolves when users have felt the change. */
async function impactOpens(trainee: Trainee, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { drill } = await trainee.status();
    if (drill?.phase === "open") return;
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
}
