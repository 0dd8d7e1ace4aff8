import { expect, it } from "vitest";
import { createRequestMix } from "../../../lab/load/request-mix.ts";
import { seeded } from "../../../runtime/random.ts";

const config = {
  users: { count: 50, prefix: "user-" },
  pages: ["/", "/products", "/search"],
  mix: { "/": 6, "/search": 3 },
};

function draw(count: number, seed = 3) {
  const next = createRequestMix(config, seeded(seed));
  return Array.from({ length: count }, next);
}

it("pages come by their weights, one that has none counting once", () => {
  const paths = draw(10_000).map(({ path }) => path);
  const share = (path: string) => paths.filter((each) => each === path).length / paths.length;
  expect(share("/")).toBeCloseTo(0.6, 1);
  expect(share("/products")).toBeCloseTo(0.1, 1);
  expect(share("/search")).toBeCloseTo(0.3, 1);
});

it("every request has a user's cookie and a nonce of its own", () => {
  const headers = draw(5000).map((request) => request.headers);
  expect(new Set(headers.map((each) => each["cookie"])).size).toBe(50);
  expect(headers[0]?.["cookie"]).toMatch(/^user=user-\d+$/);
  expect(new Set(headers.map((each) => each["x-nonce"])).size).toBe(5000);
});

it("the same seed gives the same requests, another seed others", () => {
  expect(draw(50)).toEqual(draw(50));
  expect(draw(50)).not.toEqual(draw(50, 4));
});
