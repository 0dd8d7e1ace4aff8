import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../../../lab/observe/pager/fingerprint.ts";

/** The same by the book: FNV-1a in one word of 64 bits. */
function byTheBook(labels: Readonly<Record<string, string>>): string {
  const bytes = Object.keys(labels)
    .sort()
    .flatMap((name) => [...Buffer.from(name), 255, ...Buffer.from(labels[name] ?? ""), 255]);
  const hash = bytes.reduce(
    (sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n),
    0xcbf29ce484222325n,
  );
  return hash.toString(16).padStart(16, "0");
}

describe("a fingerprint", () => {
  it("is what a real Alertmanager 0.25 answered for the same labels", () => {
    expect(fingerprint({ severity: "page", alertname: "HighFailureRatio" })).toBe("cbe5df2c77f01b87");
    expect(fingerprint({ alertname: "Ü𝒳" })).toBe("7ef71d3bba5405a1");
  });

  it("is FNV-1a with 64 bits for whatever labels there are", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ unit: "binary" })),
        (labels) => {
          expect(fingerprint(labels)).toBe(byTheBook(labels));
        },
      ),
    );
  });
});
