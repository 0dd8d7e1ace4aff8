import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import type { EventBus } from "../events/bus.ts";
import { EVENT_TYPES, type LabEvent } from "../events/event.ts";
import { follow, type FollowOptions } from "../events/follow.ts";
import { encodeEvent, HEARTBEAT, HEARTBEAT_EVERY_MS, parsePlace, parseTypes } from "../events/sse.ts";
import { InvalidInput } from "../trainee/local-trainee.ts";

/** The open streams of a lab's events, over HTTP. */
export interface EventStreams {
  /** Answers with the stream, which ends when its reader leaves, falls too far behind, or the lab goes down. */
  open(response: ServerResponse, options: FollowOptions): void;
  readonly size: number;
  /** Ends all of them once what was written has reached its reader. Resolves when they are closed, and soon in any case. */
  close(): Promise<void>;
}

export interface EventStreamsDeps {
  readonly bus: EventBus;
  readonly clock: Clock;
}

/** Bytes that wait for a reader, beside one event; a reader that lets more wait is cut off, and can resume the journal. */
export const MOST_WAITING_BYTES = 256 * 1024;
/** A reader gets the end of a stream, and does not hold the lab up. */
const LAST_BYTES_MS = 500;

export function createEventStreams({ bus, clock }: EventStreamsDeps): EventStreams {
  /** What each event is on the wire, however many read it. */
  const encoded = new WeakMap<object, Buffer>();
  const open = new Set<{ end(): void; cut(): void }>();
  let onAllClosed = (): void => {};
  let closing = false;

  function bytesOf(event: LabEvent): Buffer {
    const key = event.type === "journal" ? event.line : event;
    let bytes = encoded.get(key);
    if (!bytes) encoded.set(key, (bytes = Buffer.from(encodeEvent(event))));
    return bytes;
  }

  return {
    get size() {
      return open.size;
    },
    open(response, options) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      let waitingSinceBeat = false;
      const write = (bytes: string | Buffer): boolean => {
        if (response.destroyed || response.writableEnded) return false;
        if (response.writableLength > MOST_WAITING_BYTES) {
          stream.cut();
          return false;
        }
        return response.write(bytes);
      };
      const stopBeats = every(clock, HEARTBEAT_EVERY_MS, () => {
        // A reader that has taken nothing from one heartbeat to the next is stuck.
        if (waitingSinceBeat && response.writableNeedDrain) return stream.cut();
        waitingSinceBeat = response.writableNeedDrain;
        write(HEARTBEAT);
      });
      const stream = {
        /** Once all of the journal is written. */
        end: () => void (follower.isBehind || response.end()),
        cut: () => void response.destroy(),
      };
      open.add(stream);
      response.on("drain", () => {
        waitingSinceBeat = false;
        follower.resume();
        if (closing) stream.end();
      });
      response.on("close", () => {
        open.delete(stream);
        stopBeats();
        follower.stop();
        if (open.size === 0) onAllClosed();
      });
      // The head, whatever comes when.
      write(HEARTBEAT);
      const follower = follow(bus, options, (event) => write(bytesOf(event)));
      if (closing) stream.end();
    },
    async close() {
      closing = true;
      if (open.size === 0) return;
      const allClosed = new Promise<void>((resolve) => (onAllClosed = resolve));
      for (const stream of open) stream.end();
      await withinOrCut(allClosed, open, clock);
    },
  };
}

/** Waits for readers to get the end; those that take too long are cut off. */
async function withinOrCut(
  allClosed: Promise<void>,
  open: ReadonlySet<{ cut(): void }>,
  clock: Clock,
): Promise<void> {
  let cancel: Cancel = () => {};
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(LAST_BYTES_MS, resolve);
  });
  await Promise.race([allClosed, late]);
  cancel();
  for (const stream of open) stream.cut();
}

/** Answers a request for the events. Throws InvalidInput for types that there are not. */
export function streamEvents(
  { query, headers }: FastifyRequest,
  reply: FastifyReply,
  { bus, streams }: { readonly bus: EventBus; readonly streams: EventStreams },
): void {
  const wanted = (query as Readonly<Record<string, unknown>>)["types"];
  const types = parseTypes(wanted);
  if (!types) throw new InvalidInput(`types: names out of ${EVENT_TYPES.join(", ")}, separated by commas`);
  const last = headers["last-event-id"];
  const after = typeof last === "string" ? parsePlace(last, bus.journal?.drill) : undefined;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  streams.open(reply.raw, { types, after });
}
