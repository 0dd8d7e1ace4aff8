import { describe, expect, it } from "vitest";
import { judgeDiagnosis } from "../../../lab/judge/diagnosis.ts";
import { MECHANISMS, SCOPES, type Mechanism, type Scope } from "../../../scenarios/diagnosis.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";

const mechanisms = Object.keys(MECHANISMS) as Mechanism[];
const scopes = Object.keys(SCOPES) as Scope[];

for (const { id, diagnosis } of SCENARIOS)
  describe(`a diagnosis of ${id}`, () => {
    for (const given of diagnosis.accepted)
      it(`is right as ${Object.values(given).join(", ")}`, () => {
        expect(judgeDiagnosis(given, diagnosis)).toEqual({ correct: true, because: undefined });
      });

    for (const { because, ...wrong } of diagnosis.refuted)
      it(`is wrong, with its reason, as ${Object.values(wrong).join(", ")}`, () => {
        const [right] = diagnosis.accepted;
        if (!right) throw new Error("a scenario accepts at least one diagnosis");
        expect(judgeDiagnosis({ ...right, ...wrong }, diagnosis)).toEqual({ correct: false, because });
      });

    it("is wrong with any other mechanism, scope or component", () => {
      const right = diagnosis.accepted.map((one) => `${one.component} ${one.mechanism} ${one.scope}`);
      const components = [...new Set(diagnosis.accepted.map(({ component }) => component)), "database"];
      const taken = components.flatMap((component) =>
        mechanisms.flatMap((mechanism) =>
          scopes
            .filter((scope) => judgeDiagnosis({ component, mechanism, scope }, diagnosis).correct)
            .map((scope) => `${component} ${mechanism} ${scope}`),
        ),
      );
      expect(taken.sort()).toEqual(right.sort());
    });
  });

describe("a diagnosis that is refuted", () => {
  const right = { component: "web", mechanism: mechanisms[0], scope: scopes[0] } as const;
  const given = right as Parameters<typeof judgeDiagnosis>[0];
  const scenario = (refuted: object) =>
    ({ accepted: [given], refuted: [{ ...refuted, because: "it is well" }] }) as unknown as Parameters<
      typeof judgeDiagnosis
    >[1];

  it("is so by all of what the scenario names of it, and never when it is right", () => {
    const database = scenario({ component: "database" });
    expect(judgeDiagnosis({ ...given, component: "database" }, database).because).toBe("it is well");
    expect(judgeDiagnosis({ ...given, component: "cache" }, database)).toEqual({
      correct: false,
      because: undefined,
    });
    expect(judgeDiagnosis(given, scenario({ component: "web" }))).toEqual({
      correct: true,
      because: undefined,
    });
  });
});
