import { Agent, request } from "node:http";
import { NONCE_FIELD, ORIGIN_FIELD, WAY_FIELD } from "../runtime/answer-proof.ts";
import type { Cancel } from "../runtime/clock.ts";
import { messageOf, systemCode } from "../runtime/errors.ts";
import type { CallResult, Dial } from "./call.ts";

const MAX_BODY_BYTES = 256 * 1024;

/** Dials over real connections, which are kept open. */
export function createHttpDial(): { readonly get: Dial; close(): void } {
  // No timeout of the agent's own, and no limit: its queue would be a second one that no metric shows.
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64 });

  function get(
    base: string,
    path: string,
    done: (result: CallResult) => void,
    nonce: string | undefined,
    retried = false,
  ): Cancel {
    let open = true;
    const end = (result: CallResult) => {
      if (!open) return;
      open = false;
      done(result);
    };
    const fail = (reason: string, refused = false) => end({ kind: "failed", refused, reason });
    let cancel: Cancel = () => {
      open = false;
      call.destroy();
    };

    const call = request(
      base + path,
      { agent: retried ? false : agent, headers: nonce === undefined ? {} : { [NONCE_FIELD]: nonce } },
      (answer) => {
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
            text: Buffer.concat(chunks).toString("utf8"),
            proofs: { origin: text(answer.headers[ORIGIN_FIELD]), way: text(answer.headers[WAY_FIELD]) },
          }),
        );
      },
    );
    call.on("error", (error) => {
      // The other side closed a kept connection just as it was taken for this call, which is no failure of the call.
      if (open && call.reusedSocket && !retried && isReset(error)) {
        open = false;
        cancel = get(base, path, done, nonce, true);
        return;
      }
      fail(messageOf(error), systemCode(error) === "ECONNREFUSED");
    });
    call.end();
    return () => cancel();
  }

  return { get: (base, path, done, nonce) => get(base, path, done, nonce), close: () => agent.destroy() };
}

const text = (field: string | string[] | undefined): string | undefined =>
  typeof field === "string" ? field : undefined;

function isReset(error: Error): boolean {
  const code = systemCode(error);
  return code === "ECONNRESET" || code === "EPIPE";
}
