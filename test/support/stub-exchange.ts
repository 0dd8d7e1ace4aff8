import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { headerValue, type RequestHead } from "../../lb/exchange.ts";
import type { LiveExchange } from "../../lb/listener/exchange/live-exchange.ts";
import type { UpstreamRequestEvents, TransportFailure } from "../../lb/transport/transport.ts";

/** An exchange without a client: its request body is what `body` gives, and its answer goes nowhere. */
export function stubExchange(
  head: Partial<RequestHead> = {},
  options: { readonly body?: Readable; readonly write?: () => boolean } = {},
): LiveExchange {
  const whole: RequestHead = {
    method: "GET",
    target: "/",
    host: "a",
    headers: [],
    peer: "127.0.0.1",
    hasBody: options.body !== undefined,
    ...head,
  };
  return {
    head: whole,
    request: (options.body ?? Readable.from([])) as unknown as IncomingMessage,
    upgrade: undefined,
    expectsContinue: false,
    started: false,
    bytesOut: 0,
    header: (name) => headerValue(whole.headers, name),
    acceptBody() {},
    answer() {},
    start() {},
    inform() {},
    write: options.write ?? (() => true),
    onDrain() {},
    end() {},
    cut() {},
    onClientGone() {},
  };
}

/** Events recorded in order, and a promise of how the attempt ended. */
export function recordingEvents(overrides: Partial<UpstreamRequestEvents> = {}): {
  readonly events: UpstreamRequestEvents;
  readonly log: string[];
  readonly ended: Promise<TransportFailure | "end">;
} {
  const log: string[] = [];
  let settle: (how: TransportFailure | "end") => void = () => {};
  const ended = new Promise<TransportFailure | "end">((resolve) => (settle = resolve));
  const events: UpstreamRequestEvents = {
    connected(reused) {
      log.push(reused ? "connected again" : "connected");
      overrides.connected?.(reused);
    },
    inform: ({ status }) => void log.push(`inform ${status}`),
    head(head) {
      log.push(`head ${head.status}`);
      return overrides.head?.(head) ?? true;
    },
    progress() {
      if (log.at(-1) !== "progress") log.push("progress");
      overrides.progress?.();
    },
    end() {
      log.push("end");
      settle("end");
    },
    fail(failure) {
      log.push(`fail ${failure.kind}`);
      settle(failure);
    },
  };
  return { events, log, ended };
}
