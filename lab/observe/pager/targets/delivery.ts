import type { Clock } from "../../../../runtime/clock.ts";
import type { TargetAddress } from "./address.ts";
import { sendPost } from "./send-post.ts";
import type { Post } from "./target.ts";

/** Limits of a delivery. */
export interface DeliveryLimits {
  /** Waiting posts; when one more comes, the oldest is dropped: the newest is the most current. */
  readonly maxWaiting: number;
  /** Of one attempt, until the answer's head. */
  readonly timeoutMs: number;
  /** Before the second attempt, the third, and so on; their number is the number of retries. */
  readonly retryAfterMs: readonly number[];
}

export interface DeliveryStats {
  readonly sent: number;
  /** Given up after the last retry, or refused for good. */
  readonly failed: number;
  readonly dropped: number;
  readonly waiting: number;
  readonly lastError: string | undefined;
}

export interface DeliveryDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailed: (reason: string) => void;
}

/** Posts to one target, one after the other; the caller never waits and gets no errors. */
export interface Delivery {
  post(post: Post): void;
  readonly stats: DeliveryStats;
}

export function createDelivery(
  { address, limits }: { readonly address: TargetAddress; readonly limits: DeliveryLimits },
  { clock, signal, onFailed }: DeliveryDeps,
): Delivery {
  const waiting: Post[] = [];
  let busy = false;
  let sent = 0;
  let failed = 0;
  let dropped = 0;
  let lastError: string | undefined;

  function next(): void {
    const post = signal.aborted ? undefined : waiting.shift();
    busy = post !== undefined;
    if (post) attempt(post, 0);
  }

  function attempt(post: Post, retries: number): void {
    void sendPost(post, address, { clock, signal, timeoutMs: limits.timeoutMs }).then((answer) => {
      if (signal.aborted) return;
      if (answer.ok) {
        sent += 1;
        return next();
      }
      lastError = answer.reason;
      const pauseMs = answer.again ? limits.retryAfterMs[retries] : undefined;
      if (pauseMs === undefined) {
        failed += 1;
        onFailed(answer.reason);
        return next();
      }
      const cancel = clock.after(pauseMs, () => {
        signal.removeEventListener("abort", cancel);
        attempt(post, retries + 1);
      });
      signal.addEventListener("abort", cancel, { once: true });
    });
  }

  return {
    post(post) {
      if (signal.aborted) return;
      waiting.push(post);
      if (waiting.length > limits.maxWaiting) {
        waiting.shift();
        dropped += 1;
      }
      if (!busy) next();
    },
    get stats() {
      return { sent, failed, dropped, waiting: waiting.length, lastError };
    },
  };
}
