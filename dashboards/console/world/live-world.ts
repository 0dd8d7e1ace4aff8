import { events } from "../../../lab/events/client.ts";
import type { JournalView, LabEvent } from "../../../lab/events/event.ts";
import { sendByFetch } from "../../../lab/trainee/fetch-send.ts";
import { createHttpTrainee, headersOf, textOf } from "../../../lab/trainee/http-trainee.ts";
import { LAB_PATHS } from "../../../lab/trainee/routes.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { createSubscribers } from "../../../runtime/subscribers.ts";
import type { ConsoleWorld } from "./console-world.ts";
import { shareEvents, type Shared } from "./shared-events.ts";

/** The lab that serves this page, by its control API; its events come over one connection, however many tabs are open. */
export function openLiveWorld(token: string): ConsoleWorld {
  const send = sendByFetch("");
  const onEvent = createSubscribers<LabEvent>();
  const onTrouble = createSubscribers<string | undefined>();
  const closed = new AbortController();

  async function journal(): Promise<JournalView> {
    const { method, path } = LAB_PATHS.journal;
    const request = { method, path, body: undefined };
    const headers = headersOf(token, request);
    return JSON.parse(
      textOf(await send({ ...request, headers, waits: "look", signal: closed.signal })),
    ) as JournalView;
  }

  async function begin(): Promise<void> {
    // A tab with the key to another lab on this port has nothing to do with this one's.
    const name = `lblab-events-${await nameOf(token)}`;
    if (closed.signal.aborted) return;
    const channel = new BroadcastChannel(name);
    closed.signal.addEventListener("abort", () => channel.close());
    shareEvents(
      {
        lead: (run) => leadAlone(name, run, closed.signal),
        channel: {
          post: (message) => channel.postMessage(message),
          onMessage: (run) =>
            channel.addEventListener("message", ({ data }: MessageEvent<Shared>) => run(data)),
        },
        connect: (after, take, onConnection) =>
          events({ base: "", token, clock: systemClock, onConnection, ...(after ? { after } : {}) }, take),
        journal,
      },
      {
        onEvent: (event) => onEvent.emit(event),
        onConnection(connection) {
          if (connection.state === "open") return onTrouble.emit(undefined);
          if (connection.state === "lost")
            return onTrouble.emit(
              `The lab is gone (${connection.because}). It is looked for again and again.`,
            );
          onTrouble.emit(
            "This link belongs to a lab that has ended. Open the link of the one that runs now.",
          );
        },
      },
    );
  }

  void begin();
  return {
    kind: "live",
    trainee: createHttpTrainee({ token, send }),
    onEvent: (run) => onEvent.add(run),
    onTrouble: (run) => onTrouble.add(run),
    close: () => closed.abort(new Error("the page was left")),
  };
}

/** Runs `run` while this tab holds the lock of that name; in a browser without locks, at once. */
function leadAlone(name: string, run: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): void {
  if (!("locks" in navigator)) return void run(signal);
  // Rejects when the page is left while it waits.
  navigator.locks.request(name, { signal }, () => run(signal)).catch(() => {});
}

/** Names a token without giving it away: other pages of this origin see the names of locks. */
async function nameOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Array.from(new Uint8Array(digest).slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
