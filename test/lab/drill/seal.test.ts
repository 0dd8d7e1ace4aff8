import { expect, it } from "vitest";
import { seal, unseal } from "../../../lab/drill/seal.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";

const DRILL = "20260101T000000Z-ab12";

it("what was sealed is read again with the drill it was sealed for, and with no other", () => {
  for (const { id } of SCENARIOS) {
    expect(unseal(DRILL, seal(DRILL, id))).toBe(id);
    expect(() => unseal("20260101T000000Z-ab13", seal(DRILL, id))).toThrow();
  }
});

it("no word can be seen in it, whatever chance makes of it", () => {
  for (const { id } of SCENARIOS) expect(seal(DRILL, id)).toMatch(/^\d+$/);
});

it("neither its length nor a second seal distinguishes scenarios", () => {
  expect(new Set(SCENARIOS.map(({ id }) => seal(DRILL, id).length)).size).toBe(1);
  expect(seal(DRILL, "same")).not.toBe(seal(DRILL, "same"));
});

it("a changed seal is refused", () => {
  const sealed = seal(DRILL, "port-conflict");
  const last = Number(sealed.at(-1));
  expect(() => unseal(DRILL, `${sealed.slice(0, -1)}${(last + 1) % 10}`)).toThrow();
  expect(() => unseal(DRILL, sealed.slice(0, -3))).toThrow();
  expect(() => unseal(DRILL, "")).toThrow();
});
