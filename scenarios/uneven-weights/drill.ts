import type { PaceSet, Topology } from "../scenario.ts";
import {
  apply,
  browsing,
  database,
  HEALTH,
  restart,
  rollBack,
  shopConfig,
  SLOWER_DATABASE,
  unitsOf,
  unweighted,
  webBackends,
  webConfig,
  webUpstreams,
  weighAtRunTime,
} from "../shop.ts";
import { DRILL_TIMING } from "../timing.ts";

const EVEN = [1, 1, 1, 1, 1] as const;
/** Two heavy ones: with a single heavy weight, removing that backend would repair it. */
const SKEWED = [35, 12, 1, 1, 1] as const;

/** Refusals a second that crash a web server; 140 would, the 60 of this incident do not. */
const CRASH = { refusalsPerSecond: 100, forMs: 4500 } as const;

const topology: Topology = {
  config: webConfig(EVEN),
  backends: [...webBackends(5, { slots: 4, serviceMs: 50, queueLimit: 40, crash: CRASH }), database],
};

export const drill: PaceSet = {
  timing: DRILL_TIMING,
  topology,
  workload: browsing,
  steadyState: { failedRatio: 0.005, affectedRatio: 0.005, p95Ms: { page: 150 } },
  prelude: [
    (stage) => stage.deploy({ by: "release-train", summary: "web 4.2.1: new footer" }, "web-4", "4.2.1"),
    (stage) => stage.tune({ by: "dba", summary: "monthly statistics job" }, "database", SLOWER_DATABASE),
  ],
  change: [
    (stage) =>
      stage.pushConfig({ by: "ops-maintenance", summary: "MNT-2231 routine maintenance" }, webConfig(SKEWED)),
  ],
  impact: {
    expectations: [
      { figure: "failedRequestRatio", min: 0.26, max: 0.34 },
      { figure: "p95Factor", route: "page", min: 3 },
      { figure: "worstBackendFailureShare", min: 0.99 },
    ],
    settleMs: 4000,
  },
  recoveryMs: 45_000,
  rightFixes: [
    rollBack,
    { name: "set equal weights", steps: [apply(webConfig(EVEN))] },
    {
      name: "least-connections without weights",
      steps: [
        apply(
          webConfig(unweighted(5), {
            policy: { type: "least-connections" },
          }),
        ),
      ],
    },
  ],
  mitigations: [weighAtRunTime(EVEN)],
  wrongFixes: [
    { name: "restart the overloaded backend", steps: restart("web-1") },
    { name: "restart all backends", steps: restart(...unitsOf(topology, "web")) },
    {
      name: "raise timeouts",
      steps: [apply(webConfig(SKEWED, { timeouts: { connectMs: 10_000, responseMs: 60_000 } }))],
    },
    {
      name: "remove the overloaded backend and leave the rest skewed",
      steps: [
        apply(
          shopConfig({
            web: {
              policy: { type: "round-robin" },
              health: HEALTH,
              upstreams: webUpstreams(SKEWED).slice(1),
            },
          }),
        ),
      ],
    },
    {
      name: "least-connections with the skewed weights kept",
      steps: [apply(webConfig(SKEWED, { policy: { type: "least-connections" } }))],
    },
    {
      name: "retries on 5xx within the budget",
      steps: [apply(webConfig(SKEWED, { retry: { attempts: 2, on: ["connect-failure", "5xx"] } }))],
    },
    {
      name: "retries on 5xx without a budget",
      steps: [
        apply(
          webConfig(SKEWED, { retry: { attempts: 3, on: ["connect-failure", "5xx"], budgetPercent: 100 } }),
        ),
      ],
    },
  ],
};
