import { request, type IncomingHttpHeaders } from "node:http";
import { urlToHttpOptions } from "node:url";

/** One request over HTTP/1.1 whose answer is read completely. */
export interface HttpCall {
  /** `http://HOST:PORT`. */
  readonly origin: string;
  /** With its query, as it is sent. */
  readonly path: string;
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** From the call to the last byte of the answer. */
  readonly withinMs: number;
  /** Aborted when the caller no longer waits: the call rejects. */
  readonly signal?: AbortSignal | undefined;
  /** Limit of the answer's body. Default 16 MB: more than any answer of the lab. */
  readonly maxBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** The status is one of 200 to 299. */
  readonly ok: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The answer was not complete within the call's deadline. */
export class NoAnswerInTime extends Error {
  override readonly name = "NoAnswerInTime";
  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s`);
  }
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Makes a call on a connection of its own, which is closed after it: no kept connection delays a process's exit or
 * outlives its server. No redirect is followed. Rejects with the system's error, NoAnswerInTime, or the signal's reason.
 */
export function callHttp(call: HttpCall): Promise<HttpAnswer> {
  const { origin, path, method = "GET", headers, body, withinMs, signal, maxBytes = MAX_BYTES } = call;
  const late = AbortSignal.timeout(withinMs);
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const outgoing = request(
      {
        ...urlToHttpOptions(new URL(origin)),
        path,
        method,
        headers: { ...headers },
        agent: false,
        signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxBytes) answer.destroy(new Error(`the answer has more than ${maxBytes} bytes`));
          else chunks.push(chunk);
        });
        answer.on("error", failed);
        answer.on("end", () => {
          const status = answer.statusCode ?? 0;
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status, ok: status >= 200 && status < 300, headers: answer.headers, text });
        });
      },
    );
    function failed(error: Error): void {
      if (signal?.aborted === true) reject(signal.reason as Error);
      else reject(late.aborted ? new NoAnswerInTime(withinMs) : error);
    }
    outgoing.on("error", failed);
    outgoing.end(body);
  });
}
