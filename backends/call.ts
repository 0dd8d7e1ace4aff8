import type { Proofs } from "../runtime/answer-proof.ts";
import type { Cancel, Clock } from "../runtime/clock.ts";
import { createMemberList } from "../runtime/member-list.ts";

/** The result of a call to another server. */
export type CallResult =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** As received, with its proofs; `bodyOf` reads it. */
      readonly text: string;
      readonly proofs: Proofs;
    }
  /** `reason` is for people; `refused` when the port is closed. */
  | { readonly kind: "failed"; readonly refused: boolean; readonly reason: string };

/**
 * GET of `base` (`http://HOST:PORT`) and `path`: live over kept connections, in virtual time over modelled ones.
 * `done` is called once, never after the returned cancel. It has no deadline of its own. With a nonce it asks for proof.
 */
export type Dial = (base: string, path: string, done: (result: CallResult) => void, nonce?: string) => Cancel;

/** Calls other servers. */
export interface Caller {
  /** GET of `base` (`http://HOST:PORT`) and `path`. `done` is called once. */
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
      const cancelCall = dial(base, path, end, nonce);
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

/** The JSON that an answer's body holds; undefined when it is none. Most calls are about the status only. */
export function bodyOf({ text }: Extract<CallResult, { kind: "answer" }>): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
