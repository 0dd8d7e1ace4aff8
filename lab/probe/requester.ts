import type { Cancel, Clock } from "../../runtime/clock.ts";
import { createMemberList } from "../../runtime/member-list.ts";
import type { Random } from "../../runtime/random.ts";
import { createNonces } from "../../runtime/keys.ts";
import { classify, type Expected, type Verdict } from "./classify.ts";
import type { Proving } from "./proving.ts";
import type { ProbeAnswer, ProbeRequest, Send } from "./request.ts";

export interface TimedRequest extends Omit<ProbeRequest, "nonce">, Omit<Expected, "nonce"> {
  /** Deadline of the whole answer. */
  readonly timeoutMs: number;
}

export interface Judged extends Verdict {
  readonly durationMs: number;
}

/** Sends a request with a nonce of its own and judges the answer that comes before its deadline. */
export interface Requester {
  request(request: TimedRequest, done: (judged: Judged) => void): void;
  /** Drops everything in flight; no callback is called any more. */
  stop(): void;
}

/** A request that waits for its answer: all that is sent, and all that its answer is judged by, in one object. */
interface Pending extends ProbeRequest, Expected {
  slot: number;
  readonly startedAt: number;
  done: (judged: Judged) => void;
  cancelSend: Cancel;
  cancelTimeout: Cancel;
}

export function createRequester(deps: {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: Send;
  readonly proving?: Proving | undefined;
}): Requester {
  const { clock, random, send, proving } = deps;
  const nextNonce = createNonces(proving?.nonce, random.below(0x1_0000_0000).toString(36));
  const inFlight = createMemberList<Pending>();

  function finish(pending: Pending, answer: ProbeAnswer): void {
    if (!inFlight.remove(pending)) return;
    pending.cancelTimeout();
    const { startedAt, done } = pending;
    // What has ended keeps nothing: once old, it would keep that alive until a full collection.
    pending.done = nothing;
    pending.cancelSend = nothing;
    pending.cancelTimeout = nothing;
    const durationMs = Math.round((clock.now() - startedAt) * 100) / 100;
    const isProved = proving === undefined || proving.isProved(pending, pending.nonce, answer);
    const { result, status, backend, flag, session } = classify(pending, answer, isProved);
    done({ result, status, backend, flag, session, durationMs });
  }

  return {
    request({ timeoutMs, to, method, path, cookie, body, route, userName }, done) {
      const pending: Pending = {
        slot: -1,
        to,
        method,
        path,
        cookie,
        body,
        route,
        userName,
        nonce: nextNonce(),
        startedAt: clock.now(),
        done,
        cancelSend: nothing,
        cancelTimeout: nothing,
      };
      pending.cancelSend = send(pending, (answer) => finish(pending, answer));
      pending.cancelTimeout = clock.after(timeoutMs, () => {
        pending.cancelSend();
        finish(pending, TIMED_OUT);
      });
      inFlight.add(pending);
    },
    stop() {
      for (const { cancelSend, cancelTimeout } of inFlight.drain()) {
        cancelSend();
        cancelTimeout();
      }
    },
  };
}

const TIMED_OUT: ProbeAnswer = { kind: "timeout" };
const nothing = (): void => {};
