import { describe, expect, it } from "vitest";
import { nearest } from "../../../lb/config/did-you-mean.ts";

describe("the word that was probably meant", () => {
  it.each([
    ["idael", "ideal"],
    ["ideel", "ideal"],
    ["idea", "ideal"],
    ["ideals", "ideal"],
    ["Reprot", "report"],
    ["nnoe", "none"],
  ])("for %s is %s", (given, meant) => {
    expect(nearest(given, ["report", "ideal", "none", "herring"])).toBe(meant);
  });

  it("is none when nothing is near, however short or long what was given", () => {
    for (const given of ["xyz", "", "a", "reporters of it", "r".repeat(200)])
      expect(nearest(given, ["report", "ideal", "none"])).toBeUndefined();
  });
});
