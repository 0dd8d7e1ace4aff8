import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventLog } from "../../../lab/simulate/event-log.ts";
import { nodeHashing } from "../../../runtime/node-hashing.ts";

type Line = readonly [string, ...(string | number | undefined)[]];

function digestOf(lines: readonly Line[]): string {
  const log = createEventLog(nodeHashing);
  for (const line of lines) log.note(...line);
  return log.digest();
}

const fact = fc.oneof(
  fc.constantFrom(undefined, "", "web-1", "web-2", "-"),
  fc.string(),
  fc.double({ min: -1, max: 1e13, noNaN: true }),
);
const line = fc.tuple(fc.constantFrom("request", "user"), fact, fact, fact) as fc.Arbitrary<Line>;

describe("the event log", () => {
  it("has the same digest for the same lines, and another one when any fact of any line differs", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), fc.nat(), fact, (lines, at, other) => {
        const i = at % lines.length;
        const [kind = "", , ...rest] = lines[i] ?? [];
        const changed: Line = [kind, other, ...rest];
        const altered = lines.with(i, changed);
        const same = Object.is(lines[i]?.[1] ?? undefined, other) || lines[i]?.[1] === other;
        expect(digestOf(lines)).toBe(digestOf(lines));
        expect(digestOf(altered) === digestOf(lines)).toBe(same);
      }),
    );
  });

  it("separates one line from the next", () => {
    expect(digestOf([["a", 1, 2]])).not.toBe(
      digestOf([
        ["a", 1],
        ["a", 2],
      ]),
    );
    expect(digestOf([["a", "bc"]])).not.toBe(digestOf([["a", "b", "c"]]));
  });

  it("goes on after a digest, and after more texts than it keeps", () => {
    const log = createEventLog(nodeHashing);
    for (let i = 0; i < 10_000; i++) log.note("drill", `text ${i}`, i);
    const first = log.digest();
    expect(log.digest()).toBe(first);
    log.note("drill", "text 0", 0);
    expect(log.digest()).not.toBe(first);
    expect(log.lines).toBe(10_001);
  });

  it("is SHA-256: an empty log has the digest of nothing", () => {
    expect(createEventLog(nodeHashing).digest()).toBe(createHash("sha256").digest("hex"));
  });

  it("refuses a number that would be taken for a text", () => {
    expect(() => createEventLog(nodeHashing).note("request", Number.NaN)).toThrow(RangeError);
    expect(() => createEventLog(nodeHashing).note("request", -(2 ** 41))).toThrow(RangeError);
  });

  it("passes each line in words to its listener", () => {
    const lines: string[] = [];
    const log = createEventLog(nodeHashing, (line) => lines.push(line));
    log.note("request", 1.5, undefined, "web-1");
    expect(lines).toEqual(["request 1.5  web-1"]);
  });
});
