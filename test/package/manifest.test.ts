import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkoutManifest, packedManifest } from "../../package/pack/manifest.ts";
import { shrinkwrapOf } from "../../package/pack/shrinkwrap.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const here: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

describe("the package's package.json", () => {
  const packed = packedManifest(checkoutManifest.parse(here), ["dist"]);

  it("has the command, which a checkout has not, and nothing that only a checkout needs", () => {
    expect(here).not.toHaveProperty("bin");
    expect(packed).toMatchObject({
      name: "outage-lab",
      bin: { lblab: "dist/lab/cli/main.js" },
      files: ["dist"],
    });
    for (const left of ["private", "scripts", "devDependencies", "optionalDependencies"])
      expect(packed).not.toHaveProperty(left);
  });

  it("brings every dependency with it", () => {
    const { dependencies, bundleDependencies } = packed as {
      dependencies: Record<string, string>;
      bundleDependencies: readonly string[];
    };
    expect(bundleDependencies.length).toBeGreaterThan(15);
    expect(bundleDependencies).toEqual(Object.keys(dependencies));
  });

  it("exports what a checkout does, with declarations in place of sources", () => {
    expect(packed).toMatchObject({
      exports: {
        "./policy": { types: "./dist/package/policy.d.ts", default: "./dist/package/policy.js" },
        "./scenario": { types: "./dist/package/scenario.d.ts", default: "./dist/package/scenario.js" },
      },
    });
  });
});

describe("the package's npm-shrinkwrap.json", () => {
  it("says of everything but the package that it is in the tarball, and runs nothing at install", () => {
    const lock = {
      lockfileVersion: 3,
      packages: { "": { name: "p" }, "node_modules/a": { version: "1.0.0", hasInstallScript: true } },
    };
    expect(JSON.parse(JSON.stringify(shrinkwrapOf(lock)))).toEqual({
      lockfileVersion: 3,
      packages: { "": { name: "p" }, "node_modules/a": { version: "1.0.0", inBundle: true } },
    });
  });
});
