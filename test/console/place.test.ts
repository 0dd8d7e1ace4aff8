import { describe, expect, it } from "vitest";
import { MEASURES } from "../../dashboards/console/measures.ts";
import { MEASURES as LAB_MEASURES } from "../../lab/measures/index.ts";
import { outcomeText } from "../../dashboards/console/first/replay-text.ts";
import { fragmentOf, placeOf, seedOf } from "../../dashboards/console/first/place.ts";
import { keepDrill, leftDrill, type Shelf } from "../../dashboards/console/first/saved.ts";

describe("the place in a link", () => {
  it("is read as it was written", () => {
    const place = { kind: "incident", alias: "lantern", seed: 7, speed: 2, measures: {} } as const;
    expect(placeOf(`#${fragmentOf(place)}`)).toEqual(place);
    expect(placeOf(`#${fragmentOf({ ...place, speed: null })}`)).toEqual({ ...place, speed: null });
    const measures = { canary: { start: "20%" }, "auto-rollback": {} };
    expect(placeOf(`#${fragmentOf({ ...place, measures })}`)).toEqual({ ...place, measures });
    expect(placeOf("#incident=lantern&with=canary,constructor&option=review.sees=1%")).toMatchObject({
      measures: { canary: {} },
    });
    expect(placeOf("#drill=abc_-")).toEqual({ kind: "replay", text: "drill=abc_-" });
    expect(placeOf("#tour")).toEqual({ kind: "tour" });
  });

  it("is the first page where it means nothing, and a value that means nothing is the usual one", () => {
    expect(placeOf("")).toEqual({ kind: "first" });
    expect(placeOf("#incident=<b>")).toEqual({ kind: "first" });
    expect(placeOf("#incident=lantern&seed=-1&pace=toString")).toMatchObject({ seed: 1, speed: 1 });
    expect([seedOf("0"), seedOf("1.5"), seedOf(""), seedOf("99999999999")]).toEqual([0, 1, 1, 1]);
  });
});

describe("the measures that a drill can have on", () => {
  it("are those of the lab, in its order and words, but for those that add nothing", () => {
    expect(MEASURES).toEqual(
      LAB_MEASURES.filter(({ addsNothing }) => !addsNothing).map(({ name, does, askedFor }) => ({
        name,
        does,
        askedFor,
      })),
    );
  });
});

describe("a drill that was left", () => {
  const shelfWith = (texts: Map<string, string>): Shelf => ({
    read: (key) => texts.get(key),
    write: (key, text) => void texts.set(key, text),
    remove: (key) => void texts.delete(key),
  });

  it("is there again, unless what is kept means nothing", () => {
    const texts = new Map<string, string>();
    expect(leftDrill(shelfWith(texts))).toBeUndefined();
    keepDrill(shelfWith(texts), { alias: "lantern", text: "{}" });
    expect(leftDrill(shelfWith(texts))).toEqual({ alias: "lantern", text: "{}" });
    for (const key of texts.keys()) texts.set(key, "{broken");
    expect(leftDrill(shelfWith(texts))).toBeUndefined();
  });
});

describe("the sentence of a replay", () => {
  const recorded = { alias: "lantern", seed: 1, steps: 10, stepMs: 50, release: "1", here: "1" };

  it("says equal, not equal, or that another release promises nothing", () => {
    const digest = "a".repeat(64);
    expect(outcomeText({ ...recorded, digest, equal: true })).toMatch(/^Equal/);
    expect(outcomeText({ ...recorded, digest, equal: false })).toMatch(/^Not equal/);
    expect(outcomeText({ ...recorded, here: "2", digest, equal: null })).toMatch(/need not be equal/);
  });
});
