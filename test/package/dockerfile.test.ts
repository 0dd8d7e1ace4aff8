import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packedDockerfile, packedDockerignore } from "../../package/pack/dockerfile.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const checkout = readFileSync(join(ROOT, "Dockerfile"), "utf8");
const stages = (text: string): readonly string[] => text.split(/^(?=FROM )/m);

it("the package's Dockerfile packs what it lies in, and installs it as the checkout's does", () => {
  const [head, packing, ...rest] = stages(packedDockerfile(checkout));
  const [checkoutHead, building, ...others] = stages(checkout);
  expect(head).toBe(checkoutHead);
  expect(building).toContain("npm run --silent pack");
  expect(packing).toMatch(/^FROM \S+ AS package\n/);
  expect(packing).not.toContain("npm run");
  expect(rest).toEqual(others);
});

it("a Dockerfile that does not make the package in a stage of that name is refused", () => {
  expect(() => packedDockerfile("FROM node\nFROM node\n")).toThrow(/no stage called package/);
});

it("the package's .dockerignore lets only the package's own files in", () => {
  expect(packedDockerignore(["dist", "package.json"]).split("\n")).toEqual([
    "# What the Dockerfile builds from.",
    "*",
    "!dist",
    "!package.json",
    "",
  ]);
});
