import type { JournalPlace, JournalView, LabEvent } from "../../../lab/events/event.ts";
import type { Connection } from "../../../lab/events/client.ts";
import type { Cancel } from "../../../runtime/clock.ts";

/** What the tab that reads the stream passes to the others. */
export type Shared =
  | { readonly type: "event"; readonly event: LabEvent }
  | { readonly type: "connection"; readonly connection: Connection }
  /** A tab is there that wants to be passed what comes. */
  | { readonly type: "here" };

export interface SharedEventsDeps {
  /** Runs `lead` once this tab is the one that reads the stream, until the signal. */
  readonly lead: (lead: (signal: AbortSignal) => Promise<void>) => void;
  /** Between the tabs; what one posts all others get. */
  readonly channel: { post(message: Shared): void; onMessage(run: (message: Shared) => void): void };
  /** Reads the lab's stream, from after a line of its journal. */
  readonly connect: (
    after: JournalPlace | undefined,
    onEvent: (event: LabEvent) => void,
    onConnection: (connection: Connection) => void,
  ) => Cancel;
  /** The journal as far as it is written. */
  readonly journal: () => Promise<JournalView>;
}

export interface SharedEventsHandlers {
  onEvent(event: LabEvent): void;
  onConnection(connection: Connection): void;
}

/**
 * One stream of a lab's events for all tabs of a browser: one tab reads it and passes on what comes, another takes over when that
 * one is closed. Every tab gets every line of the journal once and in its order; what it has not got from the others it reads.
 */
export function shareEvents(
  { lead, channel, connect, journal }: SharedEventsDeps,
  { onEvent, onConnection }: SharedEventsHandlers,
): void {
  let place: JournalPlace | undefined;
  let reading: Promise<void> | undefined;
  /** A line came while the journal was read, which may be newer than what was read. */
  let missed = false;
  let leads = false;
  /** There is, or was, another tab. A tab by itself passes nothing on: each state is some kilobytes, four times a second. */
  let hasOthers = false;

  function take(event: LabEvent): void {
    if (event.type === "journal") place = { drill: event.drill, seq: event.line.seq };
    onEvent(event);
  }

  /** Lines that are still to be had, and those alone. */
  function takeAll({ drill, lines }: JournalView): void {
    if (drill === null) return;
    const known = place?.drill === drill ? place.seq : 0;
    for (const line of lines) if (line.seq > known) take({ type: "journal", drill, line });
  }

  async function readOn(): Promise<void> {
    do {
      missed = false;
      // Where it cannot be read, the next line finds the same gap.
      await journal().then(takeAll, () => {});
    } while (missed);
  }

  const catchUp = (): void => void (reading ??= readOn().finally(() => (reading = undefined)));

  function onPassed(event: LabEvent): void {
    if (event.type !== "journal") return onEvent(event);
    const { drill, line } = event;
    const next = place?.drill === drill ? place.seq + 1 : 1;
    if (line.seq < next) return;
    if (reading) missed = true;
    else if (line.seq === next) take(event);
    else catchUp();
  }

  const pass = (message: Shared): void => {
    if (hasOthers) channel.post(message);
  };
  channel.onMessage((message) => {
    hasOthers = true;
    if (message.type === "here") return;
    // The one that reads has it from the lab itself.
    if (leads) return;
    if (message.type === "event") onPassed(message.event);
    else onConnection(message.connection);
  });
  channel.post({ type: "here" });
  catchUp();
  lead(async (signal) => {
    await reading;
    leads = true;
    await new Promise<void>((resolve) => {
      const stop = connect(
        place,
        (event) => {
          take(event);
          pass({ type: "event", event });
        },
        (connection) => {
          onConnection(connection);
          pass({ type: "connection", connection });
          // Never tried again: no other tab has a better key.
          if (connection.state === "refused") resolve();
        },
      );
      signal.addEventListener("abort", () => {
        stop();
        resolve();
      });
    });
  });
}
