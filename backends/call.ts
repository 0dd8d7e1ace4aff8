import { Agent, request } from "node:http";
import type { Clock } from "../runtime/clock.ts";
import { messageOf, systemCode } from "../runtime/errors.ts";

/** What a call to another server came to. */
export type CallResult =
  | { readonly kind: "answer"; readonly status: number; readonly body: unknown }
  /** `reason` is for people; `refused` when nobody listens there. */
  | { readonly kind: "failed"; readonly refused: boolean; readonly reason: string };

/** Calls other servers over connections that are kept open. */
export interface Caller {
  /** GET of `base` (`http://HOST:PORT`) and `path`. `done` is called once, with the JSON body of any answer. */
  get(base: string, path: string, done: (result: CallResult) => void): void;
  close(): void;
}

const MAX_BODY_BYTES = 256 * 1024;

export interface CallerConfig {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Told each call that failed or was answered with a 5xx. */
  readonly warn: (kind: string) => void;
}

export function createCaller({ timeoutMs, clock, warn }: CallerConfig): Caller {
  // No timeout of the agent's own, and no limit: its queue would be a second one that no metric shows.
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64 });

  function get(base: string, path: string, done: (result: CallResult) => void, retried = false): void {
    let open = true;
    const end = (result: CallResult) => {
      if (!open) return;
      open = false;
      cancelTimeout();
      const trouble = troubleOf(result);
      if (trouble !== undefined) warn(`calls to ${base} failed (${trouble}):`);
      done(result);
    };
    const fail = (reason: string, refused = false) => end({ kind: "failed", refused, reason });

    const call = request(base + path, { agent: retried ? false : agent }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if ((bytes += chunk.length) <= MAX_BODY_BYTES) return;
        fail("its answer is too long");
        call.destroy();
      });
      answer.on("error", (error) => fail(messageOf(error)));
      answer.on("end", () =>
        end({
          kind: "answer",
          status: answer.statusCode ?? 0,
          body: parsed(Buffer.concat(chunks).toString("utf8")),
        }),
      );
    });
    const cancelTimeout = clock.after(timeoutMs, () => {
      fail(`no answer in ${timeoutMs} ms`);
      call.destroy();
    });
    call.on("error", (error) => {
      // The other side closed a kept connection just as it was taken for this call: that says nothing about it.
      if (open && call.reusedSocket && !retried && isReset(error)) {
        open = false;
        cancelTimeout();
        return get(base, path, done, true);
      }
      fail(messageOf(error), systemCode(error) === "ECONNREFUSED");
    });
    call.end();
  }

  return { get: (base, path, done) => get(base, path, done), close: () => agent.destroy() };
}

/** What of a call's result is the other server's fault; undefined when nothing is. */
function troubleOf(result: CallResult): string | undefined {
  if (result.kind === "failed") return result.reason;
  return result.status >= 500 ? `answered ${result.status}` : undefined;
}

function isReset(error: Error): boolean {
  const code = systemCode(error);
  return code === "ECONNRESET" || code === "EPIPE";
}

/** The JSON value of a text; undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // an answer that proves nothing; its status may still tell
  }
}
