import { expect, it } from "vitest";
import { shareEvents, type Shared } from "../../dashboards/console/world/shared-events.ts";
import type { Connection } from "../../lab/events/client.ts";
import type { JournalPlace, LabEvent } from "../../lab/events/event.ts";
import type { JournalLine } from "../../lab/drill/events.ts";

const line = (seq: number): JournalLine =>
  ({ seq, at: "2026-01-01T00:00:00.000Z", event: "paged" }) as unknown as JournalLine;
const journalEvent = (seq: number): LabEvent => ({ type: "journal", drill: "d1", line: line(seq) });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A lab's journal and the tabs that read it. */
function bench() {
  let posted = 0;
  const lines: JournalLine[] = [];
  const tabs: { readonly id: number; onMessage?: (message: Shared) => void }[] = [];
  const waiting: (() => void)[] = [];
  const streams: { readonly after: JournalPlace | undefined; readonly give: (event: LabEvent) => void }[] =
    [];
  let held = false;

  function next(): void {
    if (held) return;
    const run = waiting.shift();
    if (run) {
      held = true;
      run();
    }
  }
  return {
    lines,
    streams,
    posted: () => posted,
    open() {
      const seen: number[] = [];
      const connections: Connection["state"][] = [];
      const own: (typeof tabs)[number] = { id: tabs.length };
      tabs.push(own);
      const left = new AbortController();
      shareEvents(
        {
          lead(run) {
            waiting.push(() => {
              void run(left.signal).then(() => {
                held = false;
                next();
              });
            });
            next();
          },
          channel: {
            post(message) {
              posted += 1;
              tabs.forEach((tab) => tab !== own && tab.onMessage?.(message));
            },
            onMessage: (run) => void (own.onMessage = run),
          },
          connect(after, give, onConnection) {
            streams.push({ after, give });
            onConnection({ state: "open" });
            return () => {};
          },
          journal: async () => ({ schemaVersion: 1, drill: "d1", lines: [...lines] }),
        },
        {
          onEvent: (event) => void (event.type === "journal" && seen.push(event.line.seq)),
          onConnection: ({ state }) => void connections.push(state),
        },
      );
      return { seen, connections, close: () => left.abort() };
    },
    write(upTo: number) {
      for (let seq = lines.length + 1; seq <= upTo; seq += 1) lines.push(line(seq));
    },
  };
}

it("a tab by itself passes nothing on, until another one is there", async () => {
  const { open, write, streams, posted } = bench();
  write(1);
  open();
  await turn();
  // That it is there.
  expect(posted()).toBe(1);
  streams[0]?.give(journalEvent(1));
  expect(posted()).toBe(1);
  const second = open();
  await turn();
  write(2);
  streams[0]?.give(journalEvent(2));
  expect(second.seen).toEqual([1, 2]);
});

it("one tab reads the stream, and every tab gets every line once", async () => {
  const { open, write, streams } = bench();
  write(2);
  const [a, b] = [open(), open()];
  await turn();
  expect(streams).toHaveLength(1);
  write(3);
  streams[0]?.give(journalEvent(3));
  await turn();
  expect([a.seen, b.seen]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

it("a gap is read from the journal, and what comes twice counts once", async () => {
  const { open, write, streams } = bench();
  const [, b] = [open(), open()];
  await turn();
  write(4);
  streams[0]?.give(journalEvent(4));
  streams[0]?.give(journalEvent(4));
  await turn();
  await turn();
  expect(b.seen).toEqual([1, 2, 3, 4]);
});

it("another tab takes over from the line that it has, when the one that read is closed", async () => {
  const { open, write, streams } = bench();
  write(2);
  const [a, b] = [open(), open()];
  await turn();
  a.close();
  await turn();
  expect(streams[1]?.after).toEqual({ drill: "d1", seq: 2 });
  streams[1]?.give(journalEvent(3));
  expect(b.seen).toEqual([1, 2, 3]);
  expect(b.connections).toContain("open");
});
