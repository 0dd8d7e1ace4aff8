import { connect } from "node:net";
import type { Payload } from "./payloads.ts";

/** What an answer was, or that the connection broke before it was whole. */
export type Outcome = "right" | "not 200" | "wrong body" | "broken";

/** A client on one keep-alive connection, with one request at a time: bare sockets, the answer compared byte by byte. */
export interface Client {
  /** `done` is called once. The connection must be free. */
  ask(done: (outcome: Outcome) => void): void;
  close(): void;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const OK = /^HTTP\/1\.1 200 /;

export function createClient(port: number, { request, answerBody }: Payload): Promise<Client> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  let waiting: ((outcome: Outcome) => void) | undefined;
  let head: Buffer = Buffer.alloc(0);
  let outcome: Outcome = "right";
  /** Bytes of the body that are still to come; undefined while the head is. */
  let missing: number | undefined;
  let seen = 0;

  function settle(as: Outcome) {
    const done = waiting;
    waiting = undefined;
    missing = undefined;
    head = Buffer.alloc(0);
    done?.(as);
  }

  function onHead(text: string) {
    outcome = OK.test(text) ? "right" : "not 200";
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    if (length === undefined || Number(length) !== answerBody.length) outcome = worse(outcome);
    missing = Number(length ?? 0);
    seen = 0;
  }

  socket.on("data", (chunk: Buffer) => {
    let at = 0;
    if (missing === undefined) {
      const all = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const headEnd = all.indexOf(HEAD_END);
      if (headEnd === -1) return void (head = all);
      at = headEnd + 4;
      onHead(all.toString("latin1", 0, headEnd));
      onBody(all, at);
    } else onBody(chunk, 0);
  });

  function onBody(chunk: Buffer, from: number) {
    const length = chunk.length - from;
    if (answerBody.compare(chunk, from, chunk.length, seen, Math.min(seen + length, answerBody.length)) !== 0)
      outcome = worse(outcome);
    seen += length;
    missing = (missing ?? 0) - length;
    if (missing < 0) outcome = worse(outcome);
    if (missing <= 0) settle(outcome);
  }

  socket.on("error", () => {});
  socket.on("close", () => settle("broken"));
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () =>
      resolve({
        ask(done) {
          waiting = done;
          if (socket.destroyed) settle("broken");
          else socket.write(request);
        },
        close: () => void socket.destroy(),
      }),
    );
  });
}

const worse = (outcome: Outcome): Outcome => (outcome === "right" ? "wrong body" : outcome);
