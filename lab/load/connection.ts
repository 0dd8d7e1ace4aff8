import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import autocannon from "autocannon";
import type { LoadRequest } from "./request-mix.ts";

/** Callbacks for the events of one connection. */
export interface ConnectionEvents {
  connected(): void;
  sent(): void;
  /** `backend` is which one gave it, where the answer names it. */
  answered(status: number, ms: number, backend?: string): void;
  /** The connection is gone and nothing more follows: it was refused, broke or ended, or `finish` was called. */
  ended(how: "refused" | "closed"): void;
}

/** One connection to the target, with one request at a time on it. */
export interface Connection {
  /** Ends it after the answer it waits for, at once if it waits for none. */
  finish(): void;
  /** Ends it at once, without an event. */
  close(): void;
}

export interface ConnectionOptions {
  readonly url: string;
  /** Sent back to back at the start of each second since the connection was opened, as far as the answers allow. */
  readonly requestsPerSecond: number;
  /** How many of these were sent already in the present second, on the connection before. */
  readonly sentAlready: number;
  readonly next: () => LoadRequest;
}

export type OpenConnection = (options: ConnectionOptions, events: ConnectionEvents) => Connection;

/** What autocannon's client has beyond its published type; the version is pinned for it. */
interface Client extends EventEmitter {
  readonly conn: Socket;
  reqsMadeThisSecond: number;
  /** Instead of sending more than this, the client destroys itself. 0: no limit. */
  responseMax: number;
  destroy(): void;
}

/** As long as autocannon's own timers can count (about 24 days): connections are renewed long before. */
const FOR_EVER_SECONDS = 2_000_000;

/** Each autocannon instance would reserve megabytes for histograms; our own tally does without. */
const noHistogram = {
  __custom: true,
  recordValue() {},
  recordValueWithExpectedInterval() {},
  reset() {},
  destroy() {},
};

/**
 * One autocannon instance with one connection, made to live no longer than that connection. Left to itself, its
 * client reconnects at once and for ever where the port refuses, forgets the request on a connection that was closed,
 * and takes up the next connection with a parser that still waits for the rest of a cut answer.
 */
export const openConnection: OpenConnection = (options, events) => {
  let client: Client | undefined;
  let waiting = false;
  let backend: string | undefined;
  let connected = false;
  let over = false;

  autocannon(settingsOf(options, watch), (error: unknown) => {
    // Only settings that it does not accept end this way, and they are ours.
    if (error) throw error as Error;
  });
  return {
    finish() {
      if (over) return;
      if (!waiting) return end("closed");
      if (client) client.responseMax = 1;
    },
    close: release,
  };

  function watch(created: Client) {
    client = created;
    client.reqsMadeThisSecond = options.sentAlready;
    client.once("request", () => {
      // Before autocannon's own listener, which would open another connection.
      created.conn.prependOnceListener("end", () => end("closed"));
      created.conn.once("connect", () => {
        connected = true;
        if (!over) events.connected();
      });
    });
    client.on("request", () => {
      if (over) return;
      waiting = true;
      events.sent();
    });
    client.on("body", (chunk: Buffer) => (backend ??= backendIn(chunk)));
    client.on("headers", (head: { shouldKeepAlive: boolean }) => {
      // It would send the next request into a connection that the server is about to close.
      if (!head.shouldKeepAlive) created.responseMax = 1;
    });
    client.on("response", (status: number, _bytes: number, ms: number) => {
      if (over || !waiting) return;
      waiting = false;
      events.answered(status, ms, backend);
      backend = undefined;
    });
    client.on("connError", () => end(connected ? "closed" : "refused"));
    client.on("done", () => end("closed"));
  }

  function end(how: "refused" | "closed") {
    if (over) return;
    release();
    events.ended(how);
  }

  function release() {
    over = true;
    client?.destroy();
  }
};

function settingsOf(
  { url, requestsPerSecond, next }: ConnectionOptions,
  watch: (client: Client) => void,
): autocannon.Options & { histograms: object } {
  return {
    url,
    connections: 1,
    connectionRate: requestsPerSecond,
    duration: FOR_EVER_SECONDS,
    timeout: FOR_EVER_SECONDS,
    ignoreCoordinatedOmission: true,
    skipAggregateResult: true,
    histograms: { latencies: noHistogram, requests: noHistogram, throughput: noHistogram },
    requests: [{ setupRequest: (request) => ({ ...request, ...next() }) }],
    setupClient: (created) => watch(created as unknown as Client),
  };
}

/** Every answer of the lab's backends begins with its backend's name. */
const backendIn = (body: Buffer): string | undefined =>
  /^\{"backend":"([^"\\]{1,64})"/.exec(body.toString("latin1", 0, 100))?.[1];
