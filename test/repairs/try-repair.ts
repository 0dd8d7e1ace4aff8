import type { ProbeRecord, ProbeReport } from "../../lab/probe/record.ts";
import { simulateDrill } from "../../lab/simulate/simulate-drill.ts";
import { CodedError } from "../../runtime/errors.ts";
import { sleep } from "../../runtime/clock.ts";
import { describeAction } from "../../scenarios/action.ts";
import type { Scenario, Workload } from "../../scenarios/scenario.ts";
import { drawRepair } from "./draw-repair.ts";
import { knownBy, truthOf, type Truth } from "./oracle.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";

/** One verdict of the judge, and the truth by users' records. */
export interface Verdict {
  readonly question: "check" | "end";
  readonly ok: boolean;
  readonly felt: readonly string[];
  readonly truth: Truth;
}

export interface Tried {
  readonly steps: readonly string[];
  /** Empty when the drill came to no verdict. */
  readonly verdicts: readonly Verdict[];
  readonly void: string | null;
}

/** A verdict of `check`, when it was given (epoch ms), and the time of the last act before it. */
interface Checked {
  readonly at: number;
  readonly since: number;
  readonly ok: boolean;
  readonly felt: readonly string[];
}

const LOOK_EVERY_MS = 1000;
const MINUTE_MS = 60_000;
const VERDICT_MS = 13_000;
/** A repair by chance is checked for no longer than this; after a herd of logins it takes longer. */
const ASK_FOR_MS = 30_000;
const ASK_FOR_LOGINS_MS = 60_000;

/**
 * A repair by chance in one incident: it is done, checked until users are well or time is up, and the verdict
 * is compared with their records of the minute that follows. Where it was OK, so is that of the end's restart.
 */
export async function tryRepair(scenario: Scenario, seed: number, dashboards: string): Promise<Tried> {
  const pace = scenario.paces.drill;
  const repair = await drawRepair(pace, `${scenario.id}/${seed}`);
  const reports: ProbeReport[] = [];
  let last: Checked | undefined;
  /** Users in the window by which a verdict was given. */
  const wellBefore = ({ at, since }: Checked): Truth =>
    truthOf(recordsOf(reports), { from: Math.max(since, at - VERDICT_MS), to: at }, pace);
  const askForMs = pace.workload.users.login ? ASK_FOR_LOGINS_MS : ASK_FOR_MS;
  let bug: unknown;
  const steps = repair.map(({ does }) => describeAction(does));
  try {
    const { state, journal } = await simulateDrill(scenario, {
      seed,
      platform: nodePlatform(dashboards),
      prepare: (world) => world.onProbe((report) => void reports.push(report)),
      async responder(trainee, { clock, signal }) {
        try {
          while ((await trainee.status()).drill?.phase !== "open") await sleep(clock, LOOK_EVERY_MS, signal);
          await sleep(clock, pace.impact.settleMs, signal);
          for (const { waitMs, does } of repair) {
            await sleep(clock, waitMs, signal);
            await trainee.act(does);
          }
          const since = clock.wall();
          let ok = false;
          while (!ok && clock.wall() < since + askForMs) {
            const verdict = await trainee.check();
            ok = verdict.ok;
            last = { ...verdict, at: clock.wall(), since };
          }
          // What was sent until then comes to its end, and nothing of the minute is cut off by the drill's own restart.
          await sleep(clock, longestWaitMs(pace.workload), signal);
          // A NO while users were not well is right, whatever comes after it.
          if (ok || (last && wellBefore(last).well)) await sleep(clock, MINUTE_MS, signal);
          return ok;
        } catch (error) {
          if (!signal.aborted) bug = error;
          throw error;
        }
      },
    });
    if (bug !== undefined) throw new Error("a repair could not be tried", { cause: bug });
    const verdicts: Verdict[] = [];
    if (last) {
      const { at, ok, felt } = last;
      const before = wellBefore(last);
      // An OK is about the time after it. A NO is only wrong when users were well before it and after it.
      const truth =
        ok || before.well ? truthOf(recordsOf(reports), { from: at, to: at + MINUTE_MS }, pace) : before;
      verdicts.push({ question: "check", ok, felt, truth });
    }
    const restarted = journal.find(({ event }) => event === "restarted");
    if (restarted && state.durable !== null) {
      // All that there is of users after the restart: the window by which it was judged. Then everything is restored.
      const to = Date.parse(restarted.at);
      verdicts.push({
        question: "end",
        ok: state.durable,
        felt: [],
        truth: truthOf(knownBy(reports, to), { from: to - VERDICT_MS, to }, pace),
      });
    }
    return { steps, verdicts, void: null };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { steps, verdicts: [], void: error.message };
  }
}

const recordsOf = (reports: readonly ProbeReport[]): ProbeRecord[] =>
  reports.flatMap(({ records }) => records);

/** How long anything takes at most that users do: signing in is read back. */
const longestWaitMs = ({ users: { timeoutMs, login } }: Workload): number =>
  timeoutMs + (login?.patienceMs ?? 0) + 1000;
