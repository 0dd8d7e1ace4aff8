import { beforeEach, describe, expect, it } from "vitest";
import { createLooks, type Looks } from "../../../lab/trainee/looks.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

let clock: ManualClock;
let looks: Looks;
let recorded: string[];

beforeEach(() => {
  clock = createManualClock();
  recorded = [];
  looks = createLooks({
    clock,
    record: (subject) => void recorded.push(subject),
  });
});

describe("a look", () => {
  it("at the same thing a few seconds later is still the same look", () => {
    for (let i = 0; i < 100; i++) {
      looks.seen("database");
      clock.advance(100);
    }
    expect(recorded).toEqual(["database", "database"]);
  });

  it("at something else in between is one of its own", () => {
    for (const subject of ["database", "web-1", "database"]) {
      looks.seen(subject);
      clock.advance(1500);
    }
    expect(recorded).toEqual(["database", "web-1", "database"]);
  });

  it("comes once a second at most for each subject, however often it is requested", () => {
    for (let i = 0; i < 1000; i++) looks.seen(i % 2 === 0 ? "database" : "web-1");
    expect(recorded).toEqual(["database", "web-1"]);
  });

  it("that could not be recorded is none yet", () => {
    let full = true;
    const failing = createLooks({
      clock,
      record(subject) {
        if (full) throw new Error("no space left on device");
        recorded.push(subject);
      },
    });
    expect(() => failing.seen("database")).toThrow("no space");
    full = false;
    failing.seen("database");
    expect(recorded).toEqual(["database"]);
  });
});
