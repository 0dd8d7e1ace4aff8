import type { PaceSet, Topology } from "../scenario.ts";
import {
  apply,
  browsing,
  database,
  restart,
  rollBack,
  SLOWER_DATABASE,
  unweighted,
  webBackends,
  webConfig,
  webUpstreams,
  weighAtRunTime,
} from "../shop.ts";
import { DRILL_TIMING } from "../timing.ts";

const EVEN = [1, 1, 1, 1, 1] as const;
/** The override: everything to the third, nothing to the others. */
const ONLY_ONE = [0, 0, 100, 0, 0] as const;

const topology: Topology = {
  config: webConfig(EVEN),
  backends: [
    ...webBackends(
      5,
      {
        slots: 3,
        serviceMs: 50,
        queueLimit: 30,
        crash: { refusalsPerSecond: 100, forMs: 4500 },
        warmup: { forMs: 2000, factor: 3 },
      },
      { restartDelayMs: 3200 },
    ),
    database,
  ],
};

export const drill: PaceSet = {
  timing: DRILL_TIMING,
  topology,
  workload: browsing,
  steadyState: { failedRatio: 0.005, affectedRatio: 0.005, p95Ms: { page: 150 } },
  prelude: [
    (stage) => stage.deploy({ by: "release-train", summary: "web 4.2.1: faster search" }, "web-5", "4.2.1"),
    (stage) => stage.tune({ by: "dba", summary: "nightly index rebuild" }, "database", SLOWER_DATABASE),
  ],
  change: [
    (stage) =>
      stage.pushConfig(
        { by: "ops-update", summary: "CHG-0519 routine update of the balancer" },
        webConfig(ONLY_ONE),
      ),
  ],
  impact: {
    expectations: [
      { figure: "failedRequestRatio", min: 0.8, max: 0.9 },
      { figure: "restartsPerMinute", min: 3 },
    ],
    // The first overload runs without a crash; the report's state is the crash loop.
    settleMs: 7000,
  },
  recoveryMs: 45_000,
  rightFixes: [
    rollBack,
    { name: "even weights over four of five", steps: [apply(webConfig([1, 1, 0, 1, 1]))] },
    {
      name: "always the first server that has room",
      steps: [
        apply(
          webConfig([], {
            policy: { type: "first" },
            queue: { limit: 20, timeoutMs: 2000 },
            upstreams: webUpstreams(unweighted(5)).map((upstream) => ({ ...upstream, maxConnections: 3 })),
          }),
        ),
      ],
    },
    {
      name: "remove the override that names one server",
      steps: [apply(webConfig(unweighted(5)))],
    },
  ],
  mitigations: [weighAtRunTime(EVEN)],
  wrongFixes: [
    { name: "restart the crashed server", steps: restart("web-3") },
    {
      name: "give the crashing server a longer queue",
      steps: [
        { do: "unit config", unit: "web-3", set: { "capacity.queueLimit": "3000" } },
        ...restart("web-3"),
      ],
    },
    {
      name: "raise timeouts",
      steps: [apply(webConfig(ONLY_ONE, { timeouts: { connectMs: 10_000, responseMs: 60_000 } }))],
    },
    {
      name: "roll back the application",
      steps: [{ do: "unit config", unit: "web-3", set: { version: "4.1.0" } }, ...restart("web-3")],
    },
    {
      name: "add retries",
      steps: [
        apply(webConfig(ONLY_ONE, { retry: { attempts: 3, on: ["connect-failure", "reset", "5xx"] } })),
      ],
    },
  ],
};
