import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalLine } from "../../../lab/drill/events.ts";
import type { LabBus } from "../../../lab/events/bus.ts";
import { EVENT_TYPES, type EventType, type JournalPlace, type LabEvent } from "../../../lab/events/event.ts";
import { follow, type Follower } from "../../../lab/events/follow.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { quietBus } from "../../support/quiet-bus.ts";

/** A lab whose drills write their journals. */
function createLab() {
  const bus: LabBus = quietBus(createManualClock());
  let lines: JournalLine[] = [];
  return {
    bus,
    begin(drill: string) {
      lines = [];
      bus.begin({ drill, lines });
    },
    append() {
      const line: JournalLine = { seq: lines.length + 1, at: "", event: "changed" };
      lines.push(line);
      bus.appended(line);
    },
  };
}

const journalOnly = new Set<EventType>(["journal"]);
const placesOf = (events: readonly LabEvent[]): string[] =>
  events.flatMap((event) => (event.type === "journal" ? [`${event.drill}/${event.line.seq}`] : []));
const upTo = (drill: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${drill}/${i + 1}`);

describe("a reader of the journal", () => {
  it("gets what was written before and what comes, each line once", () => {
    const { bus, begin, append } = createLab();
    begin("a");
    append();
    append();
    const events: LabEvent[] = [];
    follow(bus, { types: journalOnly }, (event) => (events.push(event), true));
    append();
    expect(placesOf(events)).toEqual(upTo("a", 3));
  });

  it.each([
    ["goes on where it was", { drill: "a", seq: 2 }, ["a/3", "a/4"]],
    ["goes on with what comes when it knows all", { drill: "a", seq: 3 }, ["a/4"]],
    ["gets another drill's from its first line", { drill: "z", seq: 2 }, upTo("a", 4)],
    ["gets nothing twice that claims more than there is", { drill: "a", seq: 99 }, []],
  ])("%s", (_what, after, wanted) => {
    const { bus, begin, append } = createLab();
    begin("a");
    for (let i = 0; i < 3; i++) append();
    const events: LabEvent[] = [];
    follow(bus, { types: journalOnly, after }, (event) => (events.push(event), true));
    append();
    expect(placesOf(events)).toEqual(wanted);
  });

  it("that came before the first drill gets it whole, and the next one after it", () => {
    const { bus, begin, append } = createLab();
    const events: LabEvent[] = [];
    follow(bus, { types: journalOnly }, (event) => (events.push(event), true));
    for (const drill of ["a", "b"]) {
      begin(drill);
      append();
      append();
    }
    expect(placesOf(events)).toEqual([...upTo("a", 2), ...upTo("b", 2)]);
  });

  it("that has no room gets no line until there is some, and then all of them, of both drills", () => {
    const { bus, begin, append } = createLab();
    const events: LabEvent[] = [];
    begin("a");
    append();
    append();
    const follower = follow(bus, { types: journalOnly }, (event) => (events.push(event), false));
    append();
    begin("b");
    append();
    expect(placesOf(events)).toEqual(["a/1"]);
    for (let i = 0; i < 3; i++) follower.resume();
    expect(placesOf(events)).toEqual([...upTo("a", 3), "b/1"]);
  });

  it("that stops gets nothing any more, also in the middle of a replay", () => {
    const { bus, begin, append } = createLab();
    begin("a");
    for (let i = 0; i < 5; i++) append();
    const events: LabEvent[] = [];
    const follower = follow(bus, { types: journalOnly }, (event) => (events.push(event), false));
    follower.stop();
    follower.resume();
    append();
    expect(placesOf(events)).toEqual(["a/1"]);
  });

  it("that did not subscribe to the journal gets none of it", () => {
    const { bus, begin, append } = createLab();
    begin("a");
    append();
    const events: LabEvent[] = [];
    const types = new Set(EVENT_TYPES.filter((type) => type !== "journal"));
    follow(bus, { types }, (event) => (events.push(event), true)).resume();
    append();
    expect(events).toEqual([]);
  });

  it("has every line once and in its order, wherever it was cut and however little room there was", () => {
    const steps = fc.array(fc.constantFrom("append", "cut", "resume", "full", "begin"), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (todo) => {
        const { bus, begin, append } = createLab();
        const written: string[] = [];
        const events: LabEvent[] = [];
        let drills = 0;
        let seq = 0;
        let room = true;
        let place: JournalPlace | undefined;
        let follower: Follower | undefined;
        const connect = () => {
          follower = follow(bus, { types: journalOnly, after: place }, (event) => {
            events.push(event);
            if (event.type === "journal") place = { drill: event.drill, seq: event.line.seq };
            return room;
          });
        };
        const next = () => {
          begin(`d${++drills}`);
          seq = 0;
        };
        next();
        connect();
        for (const step of todo) {
          if (step === "append") {
            append();
            written.push(`d${drills}/${++seq}`);
          } else if (step === "cut") {
            follower?.stop();
            connect();
          } else if (step === "full") room = false;
          else if (step === "begin") {
            // A drill that begins while no reader could read the one before takes its place: a reader that was cut then has missed it.
            room = true;
            follower?.resume();
            next();
          } else {
            room = true;
            follower?.resume();
          }
        }
        room = true;
        follower?.resume();
        expect(placesOf(events)).toEqual(written);
      }),
    );
  });
});
