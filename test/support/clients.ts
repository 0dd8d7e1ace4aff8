import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { connect, type Socket } from "node:net";
import { until } from "./until.ts";

export interface TestAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly trailers: readonly string[];
  /** Interim answers that came before, by status. */
  readonly interim: readonly number[];
}

/** Sends a request with node's client, on a connection of its own unless an agent is given. Rejects when the answer is cut. */
export function ask(
  port: number,
  path: string,
  options: RequestOptions & { readonly body?: Buffer | string; readonly chunked?: boolean } = {},
): Promise<TestAnswer> {
  const { body, chunked = false, ...rest } = options;
  return new Promise((resolve, reject) => {
    const interim: number[] = [];
    const request = httpRequest({ port, host: "127.0.0.1", path, agent: false, ...rest });
    request.on("information", (info) => interim.push(info.statusCode));
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? "",
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks),
          trailers: response.rawTrailers,
          interim,
        }),
      );
    });
    if (body === undefined) request.end();
    else if (chunked) {
      request.setHeader("transfer-encoding", "chunked");
      request.write(body);
      request.end();
    } else {
      request.setHeader("content-length", Buffer.byteLength(body));
      request.end(body);
    }
  });
}

/** An agent with one connection that is kept. */
export function keepAliveAgent(maxSockets = 1): Agent {
  return new Agent({ keepAlive: true, maxSockets });
}

/** A client that sends raw bytes. */
export interface RawClient {
  readonly socket: Socket;
  send(text: string): void;
  /** Everything received so far, as latin1. */
  readonly received: string;
  /** Waits until what was received matches. */
  receives(pattern: RegExp): Promise<string>;
  /** How the connection ended. */
  readonly closed: Promise<"ended" | "reset">;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: false });
  let received = "";
  let broken = false;
  socket.on("error", () => (broken = true));
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  const closed = new Promise<"ended" | "reset">((resolve) =>
    socket.on("close", () => resolve(broken ? "reset" : "ended")),
  );
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return {
    socket,
    closed,
    get received() {
      return received;
    },
    send: (text) => void socket.write(text, "latin1"),
    receives: (pattern) =>
      until(() => pattern.test(received) && received, `${pattern} in what the client got: ${received}`),
  };
}
