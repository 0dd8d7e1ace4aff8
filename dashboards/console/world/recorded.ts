import { assertTogether } from "../../../lab/measures/choice.ts";
import { readHandOver, type HandOver } from "../../../lab/simulate/hand-over.ts";
import { createReplay, recordOf, type VirtualSession } from "../../../lab/simulate/virtual-session.ts";
import { STEP_MS } from "../../../lab/world/simulated/virtual-time.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { findScenario } from "../../../scenarios/index.ts";
import type { PacedSession } from "./pacer.ts";
import type { Recorded } from "./protocol.ts";

/** What was handed on. Throws CodedError USAGE, with why, where it cannot be replayed here. */
export async function readableHere(text: string): Promise<HandOver> {
  const handOver = await readHandOver(text);
  assertTogether({ with: handOver.measures, without: [] });
  if (!findScenario(handOver.alias))
    throw new CodedError(
      "USAGE",
      `this drill is of an incident "${handOver.alias}", which this lab does not have`,
    );
  return handOver;
}

export interface RecordedDeps {
  /** Version of this lab. */
  readonly release: string;
  readonly onRecorded: (recorded: Recorded) => void;
  /** Its last step has passed. */
  readonly onEnd: () => void;
}

/** Replays a recorded drill, then goes on as the session does, and says what digest it came to. */
export function createRecorded(
  handOver: HandOver,
  session: VirtualSession,
  { release, onRecorded, onEnd }: RecordedDeps,
): Pick<PacedSession, "step" | "over"> {
  const { alias, seed, steps } = handOver;
  const replay = createReplay(handOver, session);
  const recorded = { alias, seed, steps, stepMs: STEP_MS, release: handOver.release, here: release };
  let isThrough = false;
  onRecorded({ ...recorded, digest: undefined, equal: undefined });

  async function end(): Promise<void> {
    // What was called after the last step.
    if (session.steps === steps) await replay.step();
    isThrough = true;
    const { digest } = await recordOf(session);
    const equal = handOver.release === release ? digest === handOver.digest : null;
    onEnd();
    onRecorded({ ...recorded, digest, equal });
  }

  return {
    get over() {
      return isThrough;
    },
    async step() {
      if (isThrough) return session.step();
      const went = await replay.step();
      if (!went || session.steps >= steps || session.result !== undefined || session.failure !== undefined)
        await end();
    },
  };
}
