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

it("no word of the answer can be seen in it, neither as it stands nor decoded", () => {
  for (const { id } of SCENARIOS) {
    const sealed = seal(DRILL, id);
    const decoded = Buffer.from(sealed, "base64").toString("latin1");
    for (const word of id.split("-")) {
      expect(sealed.toLowerCase()).not.toContain(word);
      expect(decoded).not.toContain(word);
    }
  }
});

it("neither its length nor a second look tells scenarios apart", () => {
  expect(new Set(SCENARIOS.map(({ id }) => seal(DRILL, id).length)).size).toBe(1);
  expect(seal(DRILL, "same")).not.toBe(seal(DRILL, "same"));
});

it("a changed seal is refused", () => {
  const bytes = Buffer.from(seal(DRILL, "port-conflict"), "base64");
  bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
  expect(() => unseal(DRILL, bytes.toString("base64"))).toThrow();
});
