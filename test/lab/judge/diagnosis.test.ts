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
