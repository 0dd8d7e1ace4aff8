import { defineConfig } from "vitest/config";

/** What mutation testing runs: unit and wire tests of what refuses and what judges, without builds of whole processes. */
export default defineConfig({
  test: {
    include: ["test/{runtime,lb,lab}/**/*.test.ts", "test/wire/admin-surfaces.test.ts"],
    testTimeout: 20_000,
  },
});
