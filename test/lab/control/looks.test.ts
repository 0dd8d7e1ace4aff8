import { beforeEach, describe, expect, it } from "vitest";
import { createLooks, type Looks } from "../../../lab/control/looks.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

const TOKEN = "Bearer t0ken";
let clock: ManualClock;
let looks: Looks;
let recorded: string[];

beforeEach(() => {
  clock = createManualClock();
  recorded = [];
  looks = createLooks({
    clock,
    hasToken: (authorization) => authorization === TOKEN,
    record: (subject) => void recorded.push(subject),
  });
});

describe("a look", () => {
  it("is what whoever holds the run's token asks for: reading by others grades nobody", () => {
    looks.seen(undefined, "database");
    looks.seen("Bearer another", "database");
    expect(recorded).toEqual([]);
    looks.seen(TOKEN, "database");
    expect(recorded).toEqual(["database"]);
  });

  it("at the same thing a few seconds later is still the same look", () => {
    for (let i = 0; i < 100; i++) {
      looks.seen(TOKEN, "database");
      clock.advance(100);
    }
    expect(recorded).toEqual(["database", "database"]);
  });

  it("at something else in between is one of its own", () => {
    for (const subject of ["database", "web-1", "database"]) {
      looks.seen(TOKEN, subject);
      clock.advance(1500);
    }
    expect(recorded).toEqual(["database", "web-1", "database"]);
  });

  it("comes once a second at most for each thing, whoever hurries", () => {
    for (let i = 0; i < 1000; i++) looks.seen(TOKEN, i % 2 === 0 ? "database" : "web-1");
    expect(recorded).toEqual(["database", "web-1"]);
  });

  it("that could not be recorded is none yet", () => {
    let full = true;
    const failing = createLooks({
      clock,
      hasToken: () => true,
      record(subject) {
        if (full) throw new Error("no space left on device");
        recorded.push(subject);
      },
    });
    expect(() => failing.seen(TOKEN, "database")).toThrow("no space");
    full = false;
    failing.seen(TOKEN, "database");
    expect(recorded).toEqual(["database"]);
  });
});
