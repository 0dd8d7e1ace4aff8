import { CodedError } from "../../runtime/errors.ts";
import type { EndReason } from "./events.ts";
import type { Recorder } from "./recorder.ts";

/** When a drill ends, and why: the first request to end it counts. */
export interface Ending {
  /** Aborted by the first `finish`, and when the drill is over in any way; another one after `reopen`. */
  readonly signal: AbortSignal;
  readonly reason: EndReason;
  /** Ends the drill as soon as it is under way; later calls change nothing. */
  finish(reason: EndReason): void;
  /** The drill is over, in whatever way. */
  close(): void;
  /** The trainee goes on. */
  reopen(): void;
  /** True once steady state was seen, until the drill ends. */
  isUnderWay(): boolean;
  /** Throws CodedError USAGE before steady state and after the end. */
  assertUnderWay(): void;
}

export interface EndingDeps {
  readonly state: () => Recorder["state"];
  readonly record: Recorder["record"];
}

export const over = (): CodedError => new CodedError("USAGE", "the drill has ended");

export function createEnding({ state, record }: EndingDeps): Ending {
  let ended = new AbortController();
  let reason: EndReason = "asked";

  function isUnderWay(): boolean {
    const { phase } = state();
    return phase === "steady" || phase === "changed" || phase === "open";
  }

  function close(): void {
    if (!ended.signal.aborted) ended.abort(over());
  }

  return {
    get signal() {
      return ended.signal;
    },
    get reason() {
      return reason;
    },
    finish(why) {
      if (ended.signal.aborted) return;
      reason = why;
      // A drill that is requested too early to end does so as soon as it is under way.
      if (state().phase === "open") record({ event: "ending", reason });
      close();
    },
    close,
    reopen() {
      ended = new AbortController();
      record({ event: "resumed" });
    },
    isUnderWay,
    assertUnderWay() {
      if (state().phase === "briefing")
        throw new CodedError("USAGE", "the drill has not begun: it waits for steady state");
      if (!isUnderWay() || ended.signal.aborted) throw over();
    },
  };
}
