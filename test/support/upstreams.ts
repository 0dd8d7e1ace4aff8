import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { connect } from "node:net";

/** A server for one test, on a port of its own. */
export interface TestUpstream {
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Connections open now. */
  readonly open: number;
  /** Heads of the requests received, as text, first line first. */
  readonly requests: readonly string[];
  /** Ends every connection that is open now, and goes on accepting. */
  dropConnections(): void;
  close(): Promise<void>;
}

async function started(server: Server, requests: readonly string[]): Promise<TestUpstream> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size;
    },
    requests,
    dropConnections() {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Serves with node:http, and keeps the heads it saw. */
export function httpUpstream(
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestUpstream> {
  const requests: string[] = [];
  const server = createHttpServer({ requireHostHeader: false }, (request, response) => {
    requests.push(headText(request));
    serve(request, response);
  });
  server.maxHeadersCount = 0;
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    requests.push(headText(request));
    response.writeContinue();
    serve(request, response);
  });
  return started(server, requests);
}

/** Sends every request's body back, in the framing it came in. */
export function echoUpstream(): Promise<TestUpstream> {
  return httpUpstream((request, response) => {
    const length = request.headers["content-length"];
    response.writeHead(200, {
      "x-method": request.method,
      "x-target": request.url,
      ...(length === undefined ? {} : { "content-length": length }),
    });
    request.pipe(response);
  });
}

/** Accepts connections and, for each request head it reads, calls `onHead`. */
export function rawUpstream(onHead: (socket: Socket, head: string) => void): Promise<TestUpstream> {
  const requests: string[] = [];
  const server = createServer((socket) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        requests.push(head);
        onHead(socket, head);
      }
    });
  });
  return started(server, requests);
}

/** Answers each request with these bytes and keeps the connection. */
export function answeringUpstream(bytes: string): Promise<TestUpstream> {
  return rawUpstream((socket) => void socket.write(bytes, "latin1"));
}

/** Answers each request with these bytes and then ends the connection in an orderly way. */
export function endingUpstream(bytes: string): Promise<TestUpstream> {
  return rawUpstream((socket) => void socket.end(bytes, "latin1"));
}

/** Reads requests and never answers. */
export function stalledUpstream(): Promise<TestUpstream> {
  return rawUpstream(() => {});
}

/** Resets the connection as soon as it has a request. */
export function resettingUpstream(): Promise<TestUpstream> {
  return rawUpstream((socket) => void socket.resetAndDestroy());
}

/** Sends the beginning of an answer, and resets the connection once `ripe` resolves. */
export function midBodyDeath(beginning: string, ripe: () => Promise<unknown>): Promise<TestUpstream> {
  return rawUpstream((socket) => {
    socket.write(beginning, "latin1");
    void ripe().then(() => socket.resetAndDestroy());
  });
}

/** A port on which nothing listens. */
export async function deadUpstream(): Promise<TestUpstream> {
  const upstream = await started(createServer(), []);
  await upstream.close();
  return { ...upstream, close: async () => {} };
}

/** A port that takes no connection and refuses none: its accept queue is full, and nothing accepts. */
export async function deafUpstream(): Promise<TestUpstream> {
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  const fillers = [1, 2, 3, 4].map(() => connect(port, "127.0.0.1").on("error", () => {}));
  // The kernel takes two more than its backlog; the rest hang as every later client will.
  await Promise.all(fillers.slice(0, 2).map((socket) => new Promise((r) => socket.once("connect", r))));
  return {
    port,
    accepted: 0,
    open: 0,
    requests: [],
    dropConnections() {},
    async close() {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    },
  };
}

function headText(request: IncomingMessage): string {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}`;
  for (let i = 0; i < rawHeaders.length; i += 2) text += `\r\n${rawHeaders[i]}: ${rawHeaders[i + 1]}`;
  return text;
}
