import { describe, expect, it } from "vitest";
import { formatActor, isDriller, parseActor } from "../../../lab/trainee/actor.ts";

describe("an actor", () => {
  it.each(["trainee", "instructor", "measure:auto-rollback", "responder:ideal", "measure:x2"])(
    "%s is read, and written as it was read",
    (text) => {
      const parts = parseActor(text);
      expect(parts && formatActor(parts)).toBe(text);
    },
  );

  it.each([
    "",
    "responder",
    "measure:",
    "measure:A",
    "measure:a-",
    "measure:a:b",
    "trainee:ada",
    "somebody",
    "trainee ",
  ])("is not what %j names", (text) => {
    expect(parseActor(text)).toBeUndefined();
  });

  it("drills unless it is a measure or the instructor; so do those of old journals and past the lab", () => {
    expect(["trainee", "responder:none", "responder", "unknown", undefined].map(isDriller)).not.toContain(
      false,
    );
    expect(["measure:canary", "instructor"].map(isDriller)).not.toContain(true);
  });
});
