import { createParser } from "eventsource-parser";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/errors.ts";
import type { EventType, JournalPlace, LabEvent } from "./event.ts";
import { LAB_PATHS } from "../trainee/routes.ts";
import { HEARTBEAT_EVERY_MS, placeText } from "./sse.ts";

export interface EventsOptions {
  /** Of the lab's control API, `http://127.0.0.1:9900`; in the lab's own page, the empty text. */
  readonly base: string;
  readonly token: string;
  /** Default: all. `state` and `traffic` cost the lab work. */
  readonly types?: readonly EventType[];
  /** The last line of the journal that the caller has. Default: none, so the journal starts at its first line. */
  readonly after?: JournalPlace;
  /** Called with the connection's state. It is reconnected until cancelled, unless the lab refuses. */
  readonly onConnection?: (connection: Connection) => void;
  readonly clock: Pick<Clock, "after">;
}

/** `lost`: reconnected soon. `refused`: not reconnected; the lab answers with a refusal (a wrong token). */
export type Connection =
  | { readonly state: "open" }
  | { readonly state: "lost" | "refused"; readonly because: string };

const RETRY_MS = { first: 250, most: 5000 } as const;
/** Without heartbeats for so long a connection counts as lost. */
const SILENT_MS = 3 * HEARTBEAT_EVERY_MS;

/**
 * Reads a lab's events, in Node or in a page, and reconnects when the connection is lost: every line of the journal comes
 * once and in its order, and all else as it happens.
 */
export function events(options: EventsOptions, onEvent: (event: LabEvent) => void): Cancel {
  const { clock, onConnection = () => {} } = options;
  const stopped = new AbortController();
  let place = options.after;
  let retryMs: number = RETRY_MS.first;
  let cancelRetry: Cancel = () => {};

  function onMessage(data: string): void {
    const event = JSON.parse(data) as LabEvent;
    if (event.type === "journal") place = { drill: event.drill, seq: event.line.seq };
    onEvent(event);
  }

  function onOpen(): void {
    onConnection({ state: "open" });
    retryMs = RETRY_MS.first;
  }

  async function stayConnected(): Promise<void> {
    const messages = connection(options, { place, stopped: stopped.signal, onOpen });
    let next = await messages.next();
    try {
      for (; !next.done && !stopped.signal.aborted; next = await messages.next()) onMessage(next.value);
    } finally {
      // Errors of `onEvent` are not taken for errors of the connection.
      if (!next.done) await messages.return({ state: "lost", because: "nobody reads it" });
    }
    if (stopped.signal.aborted || !next.done) return;
    onConnection(next.value);
    if (next.value.state === "refused") return;
    cancelRetry = clock.after(retryMs, () => void stayConnected());
    retryMs = Math.min(2 * retryMs, RETRY_MS.most);
  }

  void stayConnected();
  return () => {
    cancelRetry();
    stopped.abort(new Error("nobody reads any more"));
  };
}

interface ConnectionDeps {
  /** The last line of the journal that was read. */
  readonly place: JournalPlace | undefined;
  readonly stopped: AbortSignal;
  readonly onOpen: () => void;
}

/** One connection: yields the data of each event, and returns how it ended. */
async function* connection(
  { base, token, types, clock }: EventsOptions,
  { place, stopped, onOpen }: ConnectionDeps,
): AsyncGenerator<string, Connection, void> {
  const ended = new AbortController();
  const watchdog = createWatchdog(clock, () => ended.abort(new Error("the lab has fallen silent")));
  try {
    const response = await fetch(
      `${base}${LAB_PATHS.events.path}${types ? `?types=${types.join(",")}` : ""}`,
      {
        headers: {
          accept: "text/event-stream",
          authorization: `Bearer ${token}`,
          ...(place ? { "last-event-id": placeText(place) } : {}),
        },
        signal: AbortSignal.any([stopped, ended.signal]),
      },
    );
    if (response.status >= 400 && response.status < 500)
      return { state: "refused", because: `${response.status}: ${(await response.text()).slice(0, 500)}` };
    if (response.status !== 200 || !response.body)
      return { state: "lost", because: `the lab answered ${response.status}` };
    onOpen();
    let received: string[] = [];
    const parser = createParser({ onEvent: ({ data }) => void received.push(data) });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { state: "lost", because: "the lab ended the stream" };
      watchdog.renew();
      parser.feed(decoder.decode(value, { stream: true }));
      yield* received;
      received = [];
    }
  } catch (error) {
    return { state: "lost", because: messageOf(error) };
  } finally {
    watchdog.stop();
    ended.abort(new Error("nobody reads this connection any more"));
  }
}

function createWatchdog(clock: Pick<Clock, "after">, onSilent: () => void) {
  let cancel = clock.after(SILENT_MS, onSilent);
  return {
    renew() {
      cancel();
      cancel = clock.after(SILENT_MS, onSilent);
    },
    stop: () => cancel(),
  };
}
