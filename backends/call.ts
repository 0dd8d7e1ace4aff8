import type { Proofs } from "../runtime/answer-proof.ts";
import type { Cancel, Clock } from "../runtime/clock.ts";
import { createMemberList } from "../runtime/member-list.ts";

/** The result of a call to another server. */
export type CallResult =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: unknown;
      /** As received, with its proofs. */
      readonly text: string;
      readonly proofs: Proofs;
    }
  /** `reason` is for people; `refused` when the port is closed. */
  | { readonly kind: "failed"; readonly refused: boolean; readonly reason: string };

/** A call's result before its body is parsed. */
export type DialResult =
  | { readonly kind: "answer"; readonly status: number; readonly text: string; readonly proofs: Proofs }
  | Extract<CallResult, { kind: "failed" }>;

/**
 * GET of `base` (`http://HOST:PORT`) and `path`: live over kept connections, in virtual time over modelled ones.
 * `done` is called once, never after the returned cancel. It has no deadline of its own. With a nonce it asks for proof.
 */
export type Dial = (base: string, path: string, done: (result: DialResult) => void, nonce?: string) => Cancel;

/** Calls other servers. */
export interface Caller {
  /** GET of `base` (`http://HOST:PORT`) and `path`. `done` is called once, with the JSON body of any answer. */
  get(base: string, path: string, done: (result: CallResult) => void, nonce?: string): void;
  /** Ends calls in flight without calling `done`. */
  close(): void;
}

export interface CallerConfig {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Called with each call that failed or was answered with a 5xx. */
  readonly warn: (kind: string) => void;
  readonly dial: Dial;
}

export function createCaller({ timeoutMs, clock, warn, dial }: CallerConfig): Caller {
  const underWay = createMemberList<{ slot: number; readonly cancel: Cancel }>();
  return {
    get(base, path, done, nonce) {
      const end = (result: CallResult) => {
        underWay.remove(entry);
        cancelTimeout();
        const trouble = troubleOf(result);
        if (trouble !== undefined) warn(`calls to ${base} failed (${trouble}):`);
        done(result);
      };
      const cancelTimeout = clock.after(timeoutMs, () => {
        cancelCall();
        end({ kind: "failed", refused: false, reason: `no answer in ${timeoutMs} ms` });
      });
      const cancelCall = dial(
        base,
        path,
        (result) => end(result.kind === "answer" ? read(result) : result),
        nonce,
      );
      const entry = {
        slot: -1,
        cancel() {
          cancelTimeout();
          cancelCall();
        },
      };
      underWay.add(entry);
    },
    close() {
      for (const { cancel } of underWay.drain()) cancel();
    },
  };
}

/** The other server's fault in a call's result; undefined when there is none. */
function troubleOf(result: CallResult): string | undefined {
  if (result.kind === "failed") return result.reason;
  return result.status >= 500 ? `answered ${result.status}` : undefined;
}

function read({ status, text, proofs }: Extract<DialResult, { kind: "answer" }>): CallResult {
  try {
    return { kind: "answer", status, body: JSON.parse(text) as unknown, text, proofs };
  } catch {
    // Not JSON: only the status counts.
    return { kind: "answer", status, body: undefined, text, proofs };
  }
}
