import { describe, expect, it } from "vitest";
import { chosenMeasures, effectsOf, namesOf } from "../../../lab/measures/choice.ts";
import { MEASURES } from "../../../lab/measures/index.ts";
import { CodedError } from "../../../runtime/errors.ts";

function refusal(run: () => unknown): { readonly code: string; readonly message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof CodedError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the choice of measures", () => {
  it("takes names, and options of those that are on", () => {
    const choice = chosenMeasures(["semantic-check", "auto-rollback"], [], ["auto-rollback.watch=3"]);
    expect(choice.with).toEqual({ "semantic-check": {}, "auto-rollback": { watch: "3" } });
    expect(namesOf(choice)).toEqual(["semantic-check", "auto-rollback"]);
  });

  it("refuses a measure that does not exist, with the nearest name", () => {
    expect(refusal(() => chosenMeasures(["auto-rolback"], [], []))).toEqual({
      code: "USAGE",
      message: 'there is no measure "auto-rolback": did you mean auto-rollback?',
    });
  });

  it("refuses an option that does not exist, with the nearest name", () => {
    expect(refusal(() => chosenMeasures(["auto-rollback"], [], ["auto-rollback.wach=3"])).message).toBe(
      'there is no option of auto-rollback "wach": did you mean watch?',
    );
  });

  it("refuses an option of a measure that is off, one that is not measure.option=value, and a value that cannot be read", () => {
    expect(refusal(() => chosenMeasures([], [], ["auto-rollback.watch=3"])).message).toBe(
      "auto-rollback has an option and is not on",
    );
    expect(refusal(() => chosenMeasures(["auto-rollback"], [], ["watch=3"])).message).toBe(
      '"watch=3" is not measure.option=value',
    );
    expect(refusal(() => chosenMeasures(["auto-rollback"], [], ["auto-rollback.watch=soon"])).message).toBe(
      'auto-rollback.watch is minutes, like 10, not "soon"',
    );
  });

  it("refuses to leave out what is not on by itself", () => {
    expect(refusal(() => chosenMeasures([], ["semantic-check"], [])).message).toBe(
      "semantic-check is not on by itself: there is nothing to leave out",
    );
  });

  it("has the measures' effects in the table's order, whatever order they are given in", () => {
    const names = (given: readonly string[]) =>
      effectsOf(chosenMeasures(given, [], []), "drill", 1).map(({ measure }) => measure?.name);
    expect(names(["auto-rollback", "semantic-check"])).toEqual(["semantic-check", "auto-rollback"]);
  });
});

describe("every measure", () => {
  it.each(MEASURES.map((kind) => [kind.name, kind] as const))(
    "%s says what it is, where it takes hold and where its defaults are from",
    (name, { does, hooks, trap, parameters, excludes, needs }) => {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      for (const text of [does, hooks, trap]) expect(text.length).toBeGreaterThan(10);
      for (const { fallback, means, source, read } of Object.values(parameters)) {
        expect(read(fallback)).not.toBeUndefined();
        expect(means).not.toBe("");
        expect(source).not.toBe("");
      }
      const names = MEASURES.map((kind) => kind.name);
      for (const other of [...Object.keys(excludes), ...Object.keys(needs)]) expect(names).toContain(other);
    },
  );
});
