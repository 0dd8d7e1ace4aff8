import type { Cancel, Clock } from "../../runtime/clock.ts";
import { createCrowd } from "../../runtime/crowd.ts";
import type { Random } from "../../runtime/random.ts";
import { classify, type Expected, type Verdict } from "./classify.ts";
import type { ProbeAnswer, ProbeRequest, Send } from "./request.ts";

export interface Question extends Omit<ProbeRequest, "nonce">, Omit<Expected, "nonce"> {
  /** How long the asker waits for the whole answer. */
  readonly patienceMs: number;
}

export interface Judged extends Verdict {
  readonly durationMs: number;
}

/** Sends a question with a nonce of its own and judges what comes back within the asker's patience. */
export interface Asker {
  ask(question: Question, done: (judged: Judged) => void): void;
  /** Drops everything under way; nobody hears of it any more. */
  stop(): void;
}

export function createAsker(deps: {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: Send;
}): Asker {
  const { clock, random, send } = deps;
  const run = random.below(0x1_0000_0000).toString(36);
  const underWay = createCrowd<{ slot: number; readonly cancel: Cancel }>();
  let serial = 0;
  return {
    ask(question, done) {
      const { patienceMs, route, userName, to, method, path, cookie, body } = question;
      const nonce = `${run}-${(serial++).toString(36)}`;
      const startedAt = clock.now();
      const cancelSend = send({ to, method, path, cookie, body, nonce }, finish);
      const cancelTimeout = clock.after(patienceMs, () => {
        cancelSend();
        finish({ kind: "timeout" });
      });
      const entry = {
        slot: -1,
        cancel() {
          cancelSend();
          cancelTimeout();
        },
      };
      underWay.add(entry);

      function finish(answer: ProbeAnswer) {
        if (!underWay.remove(entry)) return;
        cancelTimeout();
        const durationMs = Math.round((clock.now() - startedAt) * 100) / 100;
        const { result, status, backend, flag, session } = classify({ route, userName, nonce }, answer);
        done({ result, status, backend, flag, session, durationMs });
      }
    },
    stop() {
      for (const { cancel } of underWay.drain()) cancel();
    },
  };
}
