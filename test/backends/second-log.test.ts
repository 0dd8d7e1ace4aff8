import { pino } from "pino";
import { expect, test } from "vitest";
import { createSecondLog } from "../../backends/second-log.ts";
import { createManualClock } from "../support/manual-clock.ts";

function setUp() {
  const clock = createManualClock();
  const lines: unknown[] = [];
  const log = pino(
    { base: null, timestamp: false },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
  return { clock, lines, warn: createSecondLog({ clock, log }) };
}

test("what happens often is logged in one line a second with its number, and not at all when it is over", () => {
  const { clock, lines, warn } = setUp();
  for (let i = 0; i < 150; i++) {
    warn("queue full, refused");
    clock.advance(10);
  }
  clock.advance(10_000);
  expect(lines).toEqual([
    { level: 40, count: 100, msg: "queue full, refused 100 in the last second" },
    { level: 40, count: 50, msg: "queue full, refused 50 in the last second" },
  ]);
});

test("each kind has its own line", () => {
  const { clock, lines, warn } = setUp();
  for (const kind of ["a:", "b:", "a:"]) warn(kind);
  clock.advance(1000);
  expect(lines).toMatchObject([{ msg: "a: 2 in the last second" }, { msg: "b: 1 in the last second" }]);
});
