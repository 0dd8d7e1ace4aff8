import { Client } from "undici";
import type { Clock } from "../../../../runtime/clock.ts";
import { systemCode } from "../../../../runtime/errors.ts";
import type { TargetAddress } from "./address.ts";
import type { Post } from "./target.ts";

/** How a target answered a post; `again`: another attempt may succeed. */
export type PostAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly again: boolean };

export interface SendPostDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Until the answer's head. */
  readonly timeoutMs: number;
}

/** Posts once, over a connection of its own. Never rejects. */
export async function sendPost(
  { headers, body }: Post,
  { origin, path, authorization }: TargetAddress,
  { clock, signal, timeoutMs }: SendPostDeps,
): Promise<PostAnswer> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const cancel = clock.after(timeoutMs, end);
  signal.addEventListener("abort", end, { once: true });
  // Notifications are rare: no connection is kept for the next one.
  const client = new Client(origin);
  try {
    const { statusCode, body: answer } = await client.request({
      method: "POST",
      path: path.reveal(),
      headers: authorization === undefined ? headers : { ...headers, authorization: authorization.reveal() },
      body,
      signal: ending.signal,
    });
    // Only the status matters: the body may never end, and is cut off below.
    answer.on("error", () => {});
    if (statusCode >= 200 && statusCode < 300) return { ok: true };
    return { ok: false, reason: `answered ${statusCode}`, again: statusCode >= 500 || statusCode === 429 };
  } catch (error) {
    if (ending.signal.aborted) return { ok: false, reason: `no answer within ${timeoutMs} ms`, again: true };
    // The error's message may hold the URL.
    return { ok: false, reason: `cannot be reached: ${systemCode(error) ?? "unknown"}`, again: true };
  } finally {
    cancel();
    signal.removeEventListener("abort", end);
    await client.destroy();
  }
}
