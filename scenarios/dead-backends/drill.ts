import type { ConfigInput, PaceSet, Topology } from "../scenario.ts";
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
  webUpstreams,
} from "../shop.ts";
import { DRILL_TIMING } from "../timing.ts";

type Web = ConfigInput["pools"][string];

/** web-8 to web-10 were given up last autumn: nothing listens there any more. */
const LIVE = 7;
const LISTED = 10;

/** Users keep to one backend by their cookie, so it is always the same ones who meet a dead one. */
const config = (count: number, more: Partial<Web> = {}): ConfigInput =>
  shopConfig({
    web: {
      policy: { type: "ring-hash", key: "cookie:user" },
      upstreams: webUpstreams(unweighted(count)),
      ...more,
    },
  });

const without = (names: readonly string[]): ConfigInput => {
  const all = config(LISTED);
  const web = all.pools["web"];
  if (!web) throw new Error("the shop has a pool named web");
  return {
    ...all,
    pools: { web: { ...web, upstreams: web.upstreams.filter(({ name }) => !names.includes(name)) } },
  };
};

const topology: Topology = {
  config: config(LIVE, { health: HEALTH }),
  backends: [...webBackends(LIVE, { slots: 6, serviceMs: 50, queueLimit: 40 }), database],
};

export const drill: PaceSet = {
  timing: DRILL_TIMING,
  topology,
  workload: browsing,
  steadyState: { failedRatio: 0.005, affectedRatio: 0.005, p95Ms: { page: 150 } },
  prelude: [
    (stage) => stage.deploy({ by: "release-train", summary: "web 4.2.1: picture sizes" }, "web-2", "4.2.1"),
    (stage) =>
      stage.tune(
        { by: "dba", summary: "evening report runs, more load than usual" },
        "database",
        SLOWER_DATABASE,
      ),
  ],
  change: [
    (stage) =>
      stage.pushConfig(
        { by: "ops-inventory", summary: "INV-0117 pool definition generated from the inventory" },
        config(LISTED),
      ),
  ],
  impact: {
    expectations: [
      { figure: "affectedUserRatio", min: 0.26, max: 0.34 },
      { figure: "affectedUsersFailedRatio", min: 0.95 },
      { figure: "otherUsersFailedRatio", max: 0.01 },
    ],
    settleMs: 2000,
  },
  recoveryMs: 45_000,
  rightFixes: [
    rollBack,
    { name: "remove all dead backends", steps: [apply(without(["web-8", "web-9", "web-10"]))] },
    { name: "switch health checks on", steps: [apply(config(LISTED, { health: HEALTH }))] },
  ],
  mitigations: [
    {
      name: "drain the dead backends at run time",
      steps: ["web-8", "web-9", "web-10"].map((upstream) => ({ do: "upstream drain", upstream })),
    },
  ],
  wrongFixes: [
    { name: "restart the balancer", steps: restart("balancer") },
    { name: "restart the database", steps: restart("database") },
    {
      name: "more retries with affinity kept",
      steps: [apply(config(LISTED, { retry: { attempts: 3, on: ["connect-failure"], budgetPercent: 100 } }))],
    },
    { name: "restart healthy backends", steps: restart(...unitsOf(topology, "web")) },
    { name: "remove one of the dead backends only", steps: [apply(without(["web-8"]))] },
    {
      // Two users in 500 stay on the dead ones: too few for any ratio.
      name: "next to no weight for the dead backends",
      steps: [
        apply(
          config(LISTED, {
            upstreams: webUpstreams([...Array.from({ length: LIVE }, () => 150), 1, 1, 1]),
          }),
        ),
      ],
    },
  ],
};
