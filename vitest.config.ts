import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** CI adds the runs up: each leaves a report of its own in this directory. */
const reports = process.env["LBLAB_TEST_REPORTS"];

/** Unit and wire tests are plain and fast; drills bring up the real lab, one at a time, and take minutes. */
export default defineConfig({
  test: {
    reporters: reports === undefined ? ["default"] : ["default", "json"],
    ...(reports === undefined ? {} : { outputFile: { json: join(reports, `${process.pid}.json`) } }),
    projects: [
      {
        // The package's own entry by its source, so that nothing needs to be built.
        resolve: { alias: { "outage-lab/scenario": join(import.meta.dirname, "package/scenario.ts") } },
        test: {
          name: "unit",
          include: [
            "test/{runtime,lb,backends,scenarios,lab,package,project,hunt,repairs,console}/**/*.test.ts",
            "test/cheats/virtual.test.ts",
          ],
          // Far beyond what any of them needs, so that a busy machine fails none.
          testTimeout: 60_000,
        },
      },
      {
        test: { name: "wire", include: ["test/wire/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: "conformance",
          include: ["test/conformance/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "drill",
          include: ["test/drill/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: { name: "contract", include: ["test/contract/**/*.test.ts"], testTimeout: 120_000 },
      },
      {
        test: {
          name: "simulate",
          include: ["test/simulate/**/*.test.ts"],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          // Hours of outage each, in virtual time: minutes of one core.
          name: "report",
          include: ["test/report/**/*.test.ts"],
          testTimeout: 1_800_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "differential",
          include: ["test/differential/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          // The page and its simulated world in a real browser, one at a time.
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          // The package's tarball, installed into an empty folder.
          name: "package",
          include: ["test/install/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "docker",
          include: ["test/docker/**/*.test.ts"],
          testTimeout: 400_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          // Whoever tries to fool the judge of a real lab: one lab at a time.
          name: "cheats",
          include: ["test/cheats/live.test.ts"],
          testTimeout: 400_000,
          hookTimeout: 200_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "live",
          include: ["test/live/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
