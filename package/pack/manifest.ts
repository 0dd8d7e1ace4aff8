import { z } from "zod";

const versions = z.record(z.string(), z.string());

/** What packing reads of a checkout's package.json. */
export const checkoutManifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  exports: z.record(z.string(), z.strictObject({ types: z.string(), default: z.string() })),
  dependencies: versions,
  overrides: versions,
});
export type CheckoutManifest = z.infer<typeof checkoutManifest>;

const ONLY_IN_A_CHECKOUT = ["private", "scripts", "devDependencies", "optionalDependencies"] as const;

/**
 * The package.json of the package. It has the command as its `bin`, which a checkout's must not have; its dependencies come in
 * the tarball, pruned, and what is optional is left out.
 */
export function packedManifest(checkout: CheckoutManifest, files: readonly string[]): object {
  const { exports, dependencies } = checkout;
  const kept = Object.entries(checkout).filter(([key]) => !ONLY_IN_A_CHECKOUT.some((left) => left === key));
  return {
    ...Object.fromEntries(kept),
    bin: { lblab: "dist/lab/cli/main.js" },
    exports: {
      ...Object.fromEntries(
        Object.entries(exports).map(([entry, { types, default: built }]) => [
          entry,
          { types: `./dist/${types.replace(/^\.\//, "").replace(/\.ts$/, ".d.ts")}`, default: built },
        ]),
      ),
      "./package.json": "./package.json",
    },
    files,
    bundleDependencies: Object.keys(dependencies),
  };
}
