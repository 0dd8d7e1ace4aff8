import type { Scenario } from "../../scenarios/scenario.ts";
import type { Result } from "../drill/result.ts";
import { STEP_MS } from "../world/simulated/virtual-time.ts";
import type { Platform } from "../world/simulated/platform.ts";
import type { HandOver } from "./hand-over.ts";
import { createReplay, openVirtualSession } from "./virtual-session.ts";

/** What the same drill would have been with one more measure on. */
export interface WhatIf {
  /** User-minutes per 1,000 users. */
  readonly lost: number;
  readonly outcome: Result["outcome"] | undefined;
  /** Who restored users, where it was not whoever drilled. */
  readonly restoredBy: string | undefined;
}

/** A drill that its calls do not end any more goes on for so long. */
const MOST_MS = 10 * 60_000;

/**
 * Runs a recorded drill again with a measure on beside those that were: the same calls at the same moments, whatever the measure
 * has done by then. Rejects when it comes to no result, and when `onStep` throws.
 */
export async function whatIf(
  recorded: HandOver,
  measure: string,
  {
    scenario,
    platform,
    onStep = () => {},
  }: {
    readonly scenario: Scenario;
    readonly platform: Platform;
    readonly onStep?: () => void | Promise<void>;
  },
): Promise<WhatIf> {
  const measures = { ...recorded.measures, [measure]: recorded.measures[measure] ?? {} };
  const session = openVirtualSession({ scenario, ...recorded, measures }, { platform });
  const replay = createReplay(recorded, session);
  try {
    const last = recorded.steps + MOST_MS / STEP_MS;
    for (let went = true; session.result === undefined && session.steps < last;) {
      if (session.failure) throw session.failure;
      went &&= await replay.step();
      if (!went) await session.step();
      await onStep();
    }
    if (session.result === undefined) throw new Error("it came to no end");
    const { measured, outcome, restoredBy } = session.result;
    return { lost: measured.userMinutesLostPer1000, outcome, restoredBy };
  } finally {
    await session.close();
  }
}
