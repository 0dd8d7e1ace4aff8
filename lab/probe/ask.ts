import type { Cancel, Clock } from "../../runtime/clock.ts";
import { createMemberList } from "../../runtime/member-list.ts";
import type { Random } from "../../runtime/random.ts";
import { createNonces } from "../../runtime/keys.ts";
import { classify, type Expected, type Verdict } from "./classify.ts";
import type { Proving } from "./proving.ts";
import type { ProbeAnswer, ProbeRequest, Send } from "./request.ts";

export interface Question extends Omit<ProbeRequest, "nonce">, Omit<Expected, "nonce"> {
  /** Deadline of the whole answer. */
  readonly timeoutMs: number;
}

export interface Judged extends Verdict {
  readonly durationMs: number;
}

/** Sends a request with a nonce of its own and judges the answer that comes before its deadline. */
export interface Asker {
  ask(question: Question, done: (judged: Judged) => void): void;
  /** Drops everything in flight; no callback is called any more. */
  stop(): void;
}

/** A request that waits for its answer. */
interface Asking {
  slot: number;
  readonly question: Question;
  readonly nonce: string;
  readonly startedAt: number;
  done: (judged: Judged) => void;
  cancelSend: Cancel;
  cancelTimeout: Cancel;
}

export function createAsker(deps: {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: Send;
  readonly proving?: Proving | undefined;
}): Asker {
  const { clock, random, send, proving } = deps;
  const nextNonce = createNonces(proving?.nonce, random.below(0x1_0000_0000).toString(36));
  const underWay = createMemberList<Asking>();

  function finish(asking: Asking, answer: ProbeAnswer): void {
    if (!underWay.remove(asking)) return;
    asking.cancelTimeout();
    const { question, nonce, startedAt, done } = asking;
    // What has ended keeps nothing: once old, it would keep that alive until a full collection.
    asking.done = nothing;
    asking.cancelSend = nothing;
    asking.cancelTimeout = nothing;
    const durationMs = Math.round((clock.now() - startedAt) * 100) / 100;
    const { route, userName } = question;
    const { result, status, backend, flag, session } = classify(
      { route, userName, nonce },
      answer,
      proving === undefined || proving.isProved(question, nonce, answer),
    );
    done({ result, status, backend, flag, session, durationMs });
  }

  return {
    ask(question, done) {
      const { timeoutMs, to, method, path, cookie, body } = question;
      const nonce = nextNonce();
      const asking: Asking = {
        slot: -1,
        question,
        nonce,
        startedAt: clock.now(),
        done,
        cancelSend: nothing,
        cancelTimeout: nothing,
      };
      asking.cancelSend = send({ to, method, path, cookie, body, nonce }, (answer) => finish(asking, answer));
      asking.cancelTimeout = clock.after(timeoutMs, () => {
        asking.cancelSend();
        finish(asking, TIMED_OUT);
      });
      underWay.add(asking);
    },
    stop() {
      for (const { cancelSend, cancelTimeout } of underWay.drain()) {
        cancelSend();
        cancelTimeout();
      }
    },
  };
}

const TIMED_OUT: ProbeAnswer = { kind: "timeout" };
const nothing = (): void => {};
