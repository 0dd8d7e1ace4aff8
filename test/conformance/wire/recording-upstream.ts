import { createServer, type AddressInfo, type Socket } from "node:net";
import { readRequest, type SeenRequest } from "./strict-request.ts";

/** An upstream that reads every byte it is sent, and keeps its requests. */
export interface RecordingUpstream {
  readonly port: number;
  /** Whole requests, in the order in which they ended. */
  readonly requests: readonly SeenRequest[];
  /** What no upstream should ever have been sent. */
  readonly wrongs: readonly string[];
  /** Requests that have begun and not ended, on connections that are open or were closed so. */
  readonly unfinished: readonly string[];
  readonly open: number;
  /** Drops its records. */
  forget(): void;
  close(): Promise<void>;
}

/** Does with a connection what a server would on this request; by default it answers 200 and echoes the request. */
export type Serve = (socket: Socket, request: SeenRequest) => void;

/** The answer of a well-behaved upstream: the request's target in a field, its body as the body. */
export function echo(socket: Socket, { target, body, method }: SeenRequest): void {
  const head = `HTTP/1.1 200 OK\r\nX-Target: ${target}\r\nContent-Length: ${body.length}\r\n\r\n`;
  socket.write(method === "HEAD" ? head : head + body, "latin1");
}

export async function recordingUpstream(serve: Serve = echo): Promise<RecordingUpstream> {
  const requests: SeenRequest[] = [];
  const wrongs: string[] = [];
  const sockets = new Map<Socket, string>();
  let cutOff: string[] = [];
  const server = createServer((socket) => {
    sockets.set(socket, "");
    socket.on("error", () => {});
    socket.on("close", () => {
      const rest = sockets.get(socket) ?? "";
      if (rest !== "") cutOff.push(rest);
      sockets.delete(socket);
    });
    socket.on("data", (chunk) => {
      let text = (sockets.get(socket) ?? "") + chunk.toString("latin1");
      for (;;) {
        const reading = text === "" ? ({ kind: "more" } as const) : readRequest(text);
        if (reading.kind === "wrong") {
          wrongs.push(reading.why);
          sockets.set(socket, "");
          return void socket.destroy();
        }
        if (reading.kind === "more") break;
        text = reading.rest;
        sockets.set(socket, text);
        requests.push(reading.message);
        serve(socket, reading.message);
        if (reading.message.fields.some(([name]) => name === "upgrade"))
          return void socket.removeAllListeners("data");
      }
      sockets.set(socket, text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    wrongs,
    get unfinished() {
      return [...cutOff, ...[...sockets.values()].filter((rest) => rest !== "")];
    },
    get open() {
      return sockets.size;
    },
    forget() {
      requests.length = 0;
      wrongs.length = 0;
      cutOff = [];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets.keys()) socket.destroy();
      }),
  };
}
