import { existsSync, readFileSync, statSync } from "node:fs";
import { every, systemClock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { isJournal } from "../../drill/is-journal.ts";
import { MAX_TEXT_BYTES, readHandOver, type HandOver } from "../../simulate/hand-over.ts";
import { openVirtualSession, replaySession } from "../../simulate/virtual-session.ts";
import { STEP_MS } from "../../world/simulated/virtual-time.ts";
import type { Platform } from "../../world/simulated/platform.ts";
import { scenarioNamed } from "../named.ts";
import type { Output } from "../output.ts";
import { watchJournal } from "./watch.ts";

export interface ReplayDeps {
  readonly output: Output;
  /** Version of this lab. */
  readonly release: string;
  readonly platform: Platform;
  readonly signal: AbortSignal;
}

const EXIT_OTHER_DIGEST = 4;
const PROGRESS_EVERY_MS = 5000;

/**
 * Replays a virtual drill and compares its digest; a live drill's journal is printed by its facts. Returns the exit code: 4 when it came
 * to another digest.
 */
export async function replay(
  given: string,
  { output, release, platform, signal }: ReplayDeps,
): Promise<number> {
  const text = textOf(given);
  if (isJournal(text)) {
    watchJournal(text, given, output);
    return 0;
  }
  const handOver = await readHandOver(text);
  const { seed, steps, calls } = handOver;
  const scenario = scenarioNamed(handOver.alias);
  const session = openVirtualSession({ scenario, ...handOver }, { platform });
  const stopProgress = every(systemClock, PROGRESS_EVERY_MS, () =>
    output.note(`  ${virtualMinutes(session.steps)} of ${virtualMinutes(steps)} virtual minutes`),
  );
  let digest: string;
  try {
    // Before it is closed: the end of its units is no part of the drill.
    ({ digest } = await replaySession({ calls, steps }, session, () => signal.throwIfAborted()));
  } finally {
    stopProgress();
    await session.close();
  }
  const equal = release === handOver.release ? digest === handOver.digest : null;
  if (output.json)
    output.printJson({
      schemaVersion: 1,
      scenario: scenario.id,
      seed,
      measures: handOver.measures,
      digest,
      equal,
    });
  else output.print(replayText(handOver, digest, equal, release));
  return equal === false ? EXIT_OTHER_DIGEST : 0;
}

const virtualMinutes = (steps: number): string => ((steps * STEP_MS) / 60_000).toFixed(1);

function replayText(handOver: HandOver, digest: string, equal: boolean | null, release: string): string {
  const verdict =
    equal === null
      ? `it ran on release ${handOver.release}, this is ${release}: digests of two releases need not be equal`
      : equal
        ? "equal: it is the same drill to the last bit"
        : `not equal: the link says ${handOver.digest}; it was changed, or there is a bug`;
  return [
    `${handOver.alias}, pace ${handOver.pace}, seed ${handOver.seed}: ${handOver.calls.length} calls in ${virtualMinutes(handOver.steps)} virtual minutes`,
    `digest ${digest}`,
    verdict,
  ].join("\n");
}

/** A file's text, or what was given as it is. */
function textOf(given: string): string {
  if (!existsSync(given)) return given;
  try {
    if (statSync(given).size > MAX_TEXT_BYTES) throw new Error("it is larger than any drill");
    return readFileSync(given, "utf8");
  } catch (error) {
    throw new CodedError("USAGE", `cannot read ${given}: ${messageOf(error)}`, { cause: error });
  }
}
