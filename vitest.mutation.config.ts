import { defineConfig } from "vitest/config";

/** Narrows a run to some test files (globs, separated by spaces). Stryker's own option for that leaves constants unmutated. */
const only = process.env["MUTATION_TESTS"]?.split(" ");

/**
 * What mutation testing runs: the unit tests, and the wire tests that hold guards, proofs and header rules. No builds of
 * whole processes: each mutant runs all tests that reach it.
 */
export default defineConfig({
  test: {
    include: only ?? [
      "test/{runtime,lb,lab}/**/*.test.ts",
      "test/wire/{admin-surfaces,admin,answer-proof,control-api,control-client,events,header-rules,headers,probe,rollout,spoiler-guard,visitor}.test.ts",
    ],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
