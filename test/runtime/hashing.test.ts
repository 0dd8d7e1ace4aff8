import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeHashing } from "../../runtime/node-hashing.ts";
import { portableHashing } from "../../runtime/portable-hashing.ts";

const piece = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 200 }));

describe("hashing", () => {
  it("is SHA-256", () => {
    const ofAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for (const { digest } of [nodeHashing, portableHashing]) expect(digest("abc")).toBe(ofAbc);
  });

  it("is the same in node and everywhere else, whole and piece by piece, and goes on after a digest", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const [node, portable] = [nodeHashing.begin(), portableHashing.begin()];
        for (const one of pieces) {
          expect(portableHashing.digest(one)).toBe(nodeHashing.digest(one));
          node.update(one);
          portable.update(one);
          expect(portable.digest()).toBe(node.digest());
        }
      }),
    );
  });
});
