import { describe, expect, it } from "vitest";
import type { JudgedClaim } from "../../../lab/fidelity/judge-claims.ts";
import { meanOf, overSeeds } from "../../../lab/fidelity/over-seeds.ts";
import { scoreOf } from "../../../lab/fidelity/fidelity.ts";

const claim = (
  measured: JudgedClaim["measured"],
  ok = true,
  more: Partial<JudgedClaim> = {},
): JudgedClaim => ({
  name: "share",
  kind: "emergent",
  reported: 0.3,
  measured,
  band: { min: 0.27, max: 0.33 },
  ok,
  ...more,
});

describe("a claim over several seeds", () => {
  it("is measured by its mean, with a 95 % interval after Student", () => {
    const [share] = overSeeds([[claim(0.29)], [claim(0.3)], [claim(0.31)]]);
    expect(share).toMatchObject({ measured: 0.3, ok: true, held: 3, seeds: 3 });
    // 4.303 times 0.01 by the root of 3.
    expect(share?.interval?.map((value) => value.toFixed(3))).toEqual(["0.275", "0.325"]);
    expect(meanOf([1]).margin).toBeUndefined();
    expect(meanOf([5, 5]).margin).toBe(0);
  });

  it("holds when it held on every one of them", () => {
    expect(overSeeds([[claim(0.3)], [claim(0.34, false)]])[0]).toMatchObject({
      ok: false,
      held: 1,
      seeds: 2,
    });
  });

  it("says which answers came, and how often, and what never did", () => {
    expect(overSeeds([[claim("503")], [claim("503")]])[0]?.measured).toBe("503");
    expect(overSeeds([[claim("502")], [claim("503")], [claim("503")]])[0]?.measured).toBe("503 (2), 502 (1)");
    expect(overSeeds([[claim(3)], [claim(null, false)]])[0]?.measured).toBe("3 (1), never (1)");
  });

  it("scores nothing when it is ours", () => {
    expect(scoreOf([claim(0.3), claim(0.5, false)])).toBe(0.5);
    expect(scoreOf([claim(0.3), claim(0.5, false, { ours: true })])).toBe(1);
  });
});
