import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import { every, systemClock } from "../../runtime/clock.ts";

/** Backends of the bench's own, in its process, each on a free port. All serve the same paths. */
export interface Shop {
  readonly ports: readonly number[];
  /** Requests and upgraded connections at which any of them is still at work. */
  readonly busy: number;
  /** Connections that any of them has open. */
  readonly open: number;
  close(): Promise<void>;
}

const PIECE = Buffer.alloc(64 * 1024, "x");
/** What `/download` sends. */
export const DOWNLOAD_BYTES = 200 * 1024 * 1024;
const EVENT_MS = 250;

/**
 * `/`: a short answer; `/slow?MS`: the same, later; `/echo`: the request's body; `/download`: 200 MB; `/events?N`: as
 * many events; `/stall`: no answer; `/drip`: an answer without an end; an upgrade: a WebSocket that echoes.
 */
export async function openShop(backends: number): Promise<Shop> {
  const sockets = new Set<Socket>();
  const busy = new Set<object>();
  const working = (on: ServerResponse | Socket) => {
    busy.add(on);
    on.once("close", () => busy.delete(on));
  };
  const rooms = await Promise.all(
    Array.from({ length: backends }, async () => {
      const server = createServer((request, response) => {
        working(response);
        serve(request, response);
      });
      const webSockets = new WebSocketServer({ noServer: true });
      server.on("upgrade", (request, socket: Socket, head) => {
        working(socket);
        if (request.url === "/stall") return void socket.resume().once("end", () => socket.end());
        webSockets.handleUpgrade(request, socket, head, (client) => {
          client.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
          client.on("error", () => {});
        });
      });
      server.keepAliveTimeout = 120_000;
      server.on("connection", (socket) => {
        sockets.add(socket);
        socket.on("error", () => {});
        socket.once("close", () => sockets.delete(socket));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  return {
    ports: rooms.map((server) => (server.address() as AddressInfo).port),
    get busy() {
      return busy.size;
    },
    get open() {
      return sockets.size;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(rooms.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const [path = "/", argument = ""] = (request.url ?? "/").split("?");
  response.on("error", () => {});
  request.on("error", () => {});
  switch (path) {
    case "/echo":
      response.writeHead(200, { "content-length": request.headers["content-length"] ?? 0 });
      return void request.pipe(response);
    case "/slow": {
      const cancel = systemClock.after(Number(argument), () => response.end("hello"));
      return void response.once("close", cancel);
    }
    case "/download":
      response.writeHead(200, { "content-length": DOWNLOAD_BYTES });
      return pour(response, DOWNLOAD_BYTES);
    case "/drip":
      response.writeHead(200);
      return pour(response, Infinity);
    case "/events":
      return report(response, Number(argument));
    case "/stall":
      return void request.resume();
    default:
      request.resume();
      response.end("hello");
  }
}

function pour(response: ServerResponse, bytes: number): void {
  let left = bytes;
  const pump = () => {
    while (left > 0 && !response.destroyed) {
      const piece = left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
      left -= piece.length;
      if (!response.write(piece)) return;
    }
    if (left === 0) response.end();
  };
  response.on("drain", pump);
  pump();
}

function report(response: ServerResponse, events: number): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  let left = events;
  const stop = every(systemClock, EVENT_MS, () => {
    response.write(`data: ${left}\n\n`);
    left -= 1;
    if (left > 0) return;
    stop();
    response.end();
  });
  response.once("close", stop);
}
