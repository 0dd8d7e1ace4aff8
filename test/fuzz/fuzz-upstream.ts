import { createServer, type AddressInfo, type Socket } from "node:net";
import { readRequest, type SeenRequest } from "../conformance/wire/strict-request.ts";
import { valuesOf } from "../conformance/wire/message.ts";
import type { Ending } from "./corpus.ts";

/** An upstream that checks every byte against what the balancer may send, and answers as configured. */
export interface FuzzUpstream {
  readonly port: number;
  /** How `/answer/NAME` is answered from now on. */
  script(name: string, answer: { readonly bytes: string; readonly ending: Ending }): void;
  unscript(name: string): void;
  /** Whole requests with this mark, which are then forgotten. */
  taken(mark: string): readonly SeenRequest[];
  /** What it should never have been sent, by the mark in it if there is one. */
  readonly faults: ReadonlyMap<string, string>;
  /** Requests read, in all. */
  readonly count: number;
  close(): Promise<void>;
}

const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

export async function createFuzzUpstream(): Promise<FuzzUpstream> {
  const scripts = new Map<string, { readonly bytes: string; readonly ending: Ending }>();
  const marked = new Map<string, SeenRequest[]>();
  const faults = new Map<string, string>();
  const ids = new Map<string, number>();
  const sockets = new Set<Socket>();
  let count = 0;

  const blame = (text: string, why: string) =>
    faults.set(/x-fuzz: ?(\w+)/i.exec(text)?.[1] ?? /\/answer\/(\w+)/.exec(text)?.[1] ?? "?", why);

  function note(request: SeenRequest, text: string) {
    count += 1;
    const [id = "", ...more] = valuesOf(request.fields, "x-request-id");
    // The balancer gives every request one of its own: what has none it did not mean to send.
    if (!/^[0-9a-f]{16}$/.test(id) || more.length > 0)
      blame(text, "a request that the balancer did not make");
    const times = 1 + (ids.get(id) ?? 0);
    ids.set(id, times);
    // Once more is right where the upstream broke off a connection that it had kept (RFC 9112, 9.3.1).
    if (times > (REPEATABLE.has(request.method) ? 2 : 1)) blame(text, "a request that was sent again");
    if (valuesOf(request.fields, "x-forwarded-for").join() !== "127.0.0.1")
      blame(text, `a request that does not say for whom: ${JSON.stringify(text)}`);
    for (const mark of new Set(valuesOf(request.fields, "x-fuzz")))
      marked.set(mark, [...(marked.get(mark) ?? []), request]);
  }

  function serve(socket: Socket, { target, method, body }: SeenRequest) {
    const name = /^\/answer\/(\w+)$/.exec(target)?.[1] ?? "";
    const script = scripts.get(name);
    if (script) {
      socket.write(script.bytes, "latin1");
      if (script.ending === "end") socket.end();
      else if (script.ending === "reset") socket.resetAndDestroy();
      return;
    }
    const head = `HTTP/1.1 200 OK\r\nX-Target: ${target}\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(method === "HEAD" ? head : head + body, "latin1");
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      while (text !== "" && !socket.destroyed) {
        const reading = readRequest(text);
        if (reading.kind === "more") return;
        if (reading.kind === "wrong") {
          blame(text, reading.why);
          return void socket.destroy();
        }
        note(reading.message, text);
        text = reading.rest;
        serve(socket, reading.message);
        // What follows an upgrade request is the other protocol's.
        if (valuesOf(reading.message.fields, "upgrade").length > 0)
          return void socket.removeAllListeners("data").resume();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    script: (name, answer) => void scripts.set(name, answer),
    unscript: (name) => void scripts.delete(name),
    taken(mark) {
      const requests = marked.get(mark) ?? [];
      marked.delete(mark);
      return requests;
    },
    faults,
    get count() {
      return count;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
