import { expect, it } from "vitest";
import { relocate } from "../../../lab/world/relocate.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";

it("every loopback address moves, wherever in a text it is, and no other number does", () => {
  expect(
    relocate(
      {
        bind: "127.0.0.1:8080",
        calls: { shop: "http://127.0.0.1:8080/x", other: ["127.0.0.1:9101", "10.0.0.1:9101"] },
        yaml: "a: 127.0.0.1:9101\nb: 127.0.0.1:9102\nlimit: 9101\n",
        weight: 8080,
      },
      100,
    ),
  ).toEqual({
    bind: "127.0.0.1:8180",
    calls: { shop: "http://127.0.0.1:8180/x", other: ["127.0.0.1:9201", "10.0.0.1:9101"] },
    yaml: "a: 127.0.0.1:9201\nb: 127.0.0.1:9202\nlimit: 9101\n",
    weight: 8080,
  });
});

it("a port moves as a number in a configuration and as text in an action", () => {
  expect(relocate({ port: 9101, metricsPort: 9101, nested: [{ port: 1 }] }, 10)).toEqual({
    port: 9111,
    metricsPort: 9101,
    nested: [{ port: 11 }],
  });
  expect(relocate({ do: "unit config", unit: "kiosk", set: { port: "9120" } }, 10)).toEqual({
    do: "unit config",
    unit: "kiosk",
    set: { port: "9130" },
  });
  expect(relocate({ port: "any" }, 10)).toEqual({ port: "any" });
});

it("whatever is moved there and back again is as it was", () => {
  for (const { paces } of SCENARIOS) {
    const { topology, rightFixes, wrongFixes } = paces.drill;
    const data = { topology, fixes: [...rightFixes, ...wrongFixes] };
    const before = JSON.stringify(data);
    const moved = relocate(data, 5000);
    expect(JSON.stringify(moved)).not.toContain("127.0.0.1:91");
    expect(JSON.stringify(relocate(moved, -5000))).toBe(before);
    expect(JSON.stringify(data)).toBe(before);
  }
});

it("nothing is copied for the default ports, and null, true and nothing stay what they are", () => {
  const data = { a: null, b: true, c: undefined };
  expect(relocate(data, 0)).toBe(data);
  expect(relocate(data, 1)).toEqual(data);
});
