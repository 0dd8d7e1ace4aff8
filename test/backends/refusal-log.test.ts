import { pino } from "pino";
import { expect, test } from "vitest";
import { createRefusalLog } from "../../backends/refusal-log.ts";
import { createManualClock } from "../support/manual-clock.ts";

test("refusals are logged in one line a second with their number, and not at all where there are none", () => {
  const clock = createManualClock();
  const lines: unknown[] = [];
  const log = pino(
    { base: null, timestamp: false },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
  const refused = createRefusalLog({ clock, log });
  for (let i = 0; i < 150; i++) {
    refused();
    clock.advance(10);
  }
  clock.advance(10_000);
  expect(lines).toEqual([
    { level: 40, refused: 100, msg: "queue full, refused 100 in the last second" },
    { level: 40, refused: 50, msg: "queue full, refused 50 in the last second" },
  ]);
});
