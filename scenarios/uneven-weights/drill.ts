import type { ConfigInput, PaceSet, Topology } from "../scenario.ts";
import {
  apply,
  backInService,
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

/** web-3 to web-5 are given back in the same night: whoever goes back to the first version goes back to servers that are gone. */
const GONE = ["web-3", "web-4", "web-5"] as const;
const SERVERS = [1, 2, 6, 7, 8] as const;

/** The pool of the servers that are there since. */
const current = (
  weights: readonly (number | undefined)[],
  more: Parameters<typeof webConfig>[1] = {},
): ConfigInput => webConfig([], { upstreams: webUpstreams(weights, SERVERS), ...more });

/** Refusals a second that crash a web server; 140 would, the 60 of this incident do not. */
const CRASH = { refusalsPerSecond: 100, forMs: 4500 } as const;

const SLOTS = 4;

const topology: Topology = {
  config: webConfig(EVEN),
  backends: [...webBackends(8, { slots: SLOTS, serviceMs: 50, queueLimit: 40, crash: CRASH }), database],
};

export const drill: PaceSet = {
  timing: DRILL_TIMING,
  topology,
  workload: browsing,
  steadyState: { failedRatio: 0.005, affectedRatio: 0.005, p95Ms: { page: 150 } },
  prelude: [
    (stage) => stage.deploy({ by: "release-train", summary: "web 4.2.1: new footer" }, "web-6", "4.2.1"),
    (stage) => stage.tune({ by: "dba", summary: "monthly statistics job" }, "database", SLOWER_DATABASE),
  ],
  change: [
    (stage) =>
      stage.pushConfig({ by: "ops-maintenance", summary: "MNT-2231 routine maintenance" }, webConfig(SKEWED)),
    // Innocent, and needed from then on: it takes over the weights that it finds.
    (stage) =>
      stage.pushConfig(
        { by: "ops-hardware", summary: "HW-0731 web-6 to web-8 in the places of web-3 to web-5" },
        current(SKEWED),
      ),
    (stage) => stage.retire({ by: "ops-hardware", summary: "HW-0731 old servers given back" }, GONE),
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
    { name: "set equal weights", steps: [apply(current(EVEN))] },
    {
      name: "least-connections without weights",
      steps: [apply(current(unweighted(5), { policy: { type: "least-connections" } }))],
    },
    {
      name: "always the first server that has room",
      steps: [
        apply(
          current([], {
            policy: { type: "first" },
            queue: { limit: 20, timeoutMs: 2000 },
            upstreams: webUpstreams(unweighted(5), SERVERS).map((upstream) => ({
              ...upstream,
              maxConnections: SLOTS,
            })),
          }),
        ),
      ],
    },
    {
      name: "back to the first version, and the servers that it names back in service",
      steps: [...backInService(...GONE), ...rollBack.steps],
    },
  ],
  mitigations: [weighAtRunTime(EVEN, SERVERS)],
  wrongFixes: [
    rollBack,
    {
      name: "take the newest change of the configuration back",
      steps: [{ do: "config rollback", version: 2 }],
    },
    { name: "restart the overloaded backend", steps: restart("web-1") },
    { name: "restart all backends", steps: restart(...unitsOf(topology, "web")) },
    {
      name: "raise timeouts",
      steps: [apply(current(SKEWED, { timeouts: { connectMs: 10_000, responseMs: 60_000 } }))],
    },
    {
      name: "remove the overloaded backend and leave the rest skewed",
      steps: [
        apply(
          shopConfig({
            web: {
              policy: { type: "round-robin" },
              health: HEALTH,
              upstreams: webUpstreams(SKEWED, SERVERS).slice(1),
            },
          }),
        ),
      ],
    },
    {
      name: "least-connections with the skewed weights kept",
      steps: [apply(current(SKEWED, { policy: { type: "least-connections" } }))],
    },
    {
      name: "retries on 5xx within the budget",
      steps: [apply(current(SKEWED, { retry: { attempts: 2, on: ["connect-failure", "5xx"] } }))],
    },
    {
      name: "retries on 5xx without a budget",
      steps: [
        apply(
          current(SKEWED, { retry: { attempts: 3, on: ["connect-failure", "5xx"], budgetPercent: 100 } }),
        ),
      ],
    },
  ],
};
