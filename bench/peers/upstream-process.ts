import { createServer, type Socket } from "node:net";
import { PAYLOADS, type Payload } from "./payloads.ts";

/**
 * The upstream behind every contender: HTTP/1.1 by hand on bare sockets, so that it costs little beside the proxy. It
 * compares each body it gets, and answers 400 for one that is not whole. It sends its parent its ports.
 */

const HEAD_END = Buffer.from("\r\n\r\n");

const answers = new Map(
  Array.from(PAYLOADS.values(), (payload) => [
    pathOf(payload.request),
    { payload, answer: answerOf(payload) },
  ]),
);
const HEALTHY = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
const WRONG = Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

function pathOf(request: Buffer): string {
  return request.toString("latin1", 0, request.indexOf("\r")).split(" ")[1] ?? "";
}

function answerOf({ answerBody }: Payload): Buffer {
  const head =
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\n" +
    `Content-Length: ${answerBody.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), answerBody]);
}

function serve(socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length > 0) {
      const headEnd = pending.indexOf(HEAD_END);
      if (headEnd === -1) return;
      const head = pending.toString("latin1", 0, headEnd);
      const found = answers.get(head.slice(head.indexOf(" ") + 1, head.indexOf(" HTTP/")));
      const bodyStart = headEnd + 4;
      const expected = found?.payload.requestBody ?? Buffer.alloc(0);
      const length = expected.length > 0 ? Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? -1) : 0;
      if (length !== expected.length) return void socket.end(WRONG);
      if (pending.length < bodyStart + length) return;
      const bodyEnd = bodyStart + length;
      if (length > 0 && pending.compare(expected, 0, length, bodyStart, bodyEnd) !== 0)
        return void socket.end(WRONG);
      socket.write(found?.answer ?? HEALTHY);
      pending = pending.subarray(bodyEnd);
    }
  });
}

const ports = await Promise.all(
  [0, 0].map(
    () =>
      new Promise<number>((resolve) => {
        const server = createServer(serve).listen(0, "127.0.0.1", () => {
          const address = server.address();
          resolve(typeof address === "object" && address ? address.port : 0);
        });
      }),
  ),
);
process.on("disconnect", () => process.exit(0));
process.send?.({ ports });
