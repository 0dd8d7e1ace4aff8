import { createParser } from "eventsource-parser";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../../lab/events/event.ts";
import { encodeEvent, HEARTBEAT, parsePlace, parseTypes } from "../../../lab/events/sse.ts";

describe("an event on the wire", () => {
  it("is read by a parser of server-sent events as it was written, whatever its texts hold", () => {
    const event = {
      type: "change",
      change: {
        id: "chg-1",
        at: "",
        kind: "config",
        by: "a\nid: 7\n\ndata: {}",
        summary: "\r\n\u2028é",
        subjects: [],
        detail: "",
      },
    } as const;
    const read: unknown[] = [];
    const parser = createParser({ onEvent: (message) => void read.push(message) });
    parser.feed(HEARTBEAT + encodeEvent(event) + HEARTBEAT);
    expect(read).toEqual([{ id: undefined, event: "change", data: JSON.stringify(event) }]);
  });

  it("has its line's place as its id, where it is one of the journal", () => {
    const line = { seq: 7, at: "", event: "changed" } as const;
    const text = encodeEvent({ type: "journal", drill: "20260101T000000Z-ab12", line });
    expect(text).toMatch(/^id: 20260101T000000Z-ab12\/7\nevent: journal\ndata: \{.*\}\n\n$/);
  });
});

it.each([
  ["d-1/7", { drill: "d-1", seq: 7 }],
  ["7", { drill: "now", seq: 7 }],
  ["", undefined],
  ["d/", undefined],
  ["../7", undefined],
  ["-1", undefined],
  ["9999999999", undefined],
])("the place %j is %j", (text, place) => expect(parsePlace(text, "now")).toEqual(place));

it("a number alone is no place while there is no drill", () =>
  expect(parsePlace("7", undefined)).toBeUndefined());

it.each([
  [undefined, [...EVENT_TYPES]],
  ["journal", ["journal"]],
  ["alert,unit", ["alert", "unit"]],
  ["", undefined],
  ["journal,", undefined],
  ["journal,nonsense", undefined],
  [["journal", "unit"], undefined],
])("the types %j are %j", (text, types) => {
  const found = parseTypes(text);
  expect(found && [...found]).toEqual(types);
});
