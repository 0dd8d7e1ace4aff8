import type { ConfigInput, PaceSet, PackageSpec, Topology, Workload } from "../scenario.ts";
import type { Action } from "../action.ts";
import {
  apply,
  browsing,
  database,
  HEALTH,
  LISTENER,
  restart,
  shopConfig,
  unitsOf,
  unweighted,
  webBackends,
  webUpstreams,
} from "../shop.ts";
import { DRILL_TIMING } from "../timing.ts";

const config = (listener?: string): ConfigInput => {
  const whole = shopConfig({
    web: {
      policy: { type: "round-robin" },
      health: HEALTH,
      upstreams: webUpstreams(unweighted(3)),
    },
  });
  return listener === undefined
    ? whole
    : { ...whole, listeners: whole.listeners.map((one) => ({ ...one, bind: listener })) };
};

const topology: Topology = {
  config: config(),
  backends: [
    ...webBackends(3, { slots: 8, serviceMs: 50, queueLimit: 40 }),
    {
      name: "partner-api",
      role: "api",
      port: 9115,
      version: "2.0.5",
      capacity: { slots: 16, serviceMs: 5, queueLimit: 64 },
      calls: { shop: `http://${LISTENER}` },
    },
    database,
  ],
};

/** Shows a screen in the staging hall, from a database that only staging has; here it can only answer 500. */
const kiosk: PackageSpec = {
  name: "kiosk",
  version: "2.3.1",
  environment: "staging",
  before: ["balancer"],
  unit: {
    name: "kiosk",
    role: "site",
    port: 8080,
    version: "2.3.1",
    capacity: { slots: 64, serviceMs: 1, queueLimit: 256 },
    calls: { database: "http://127.0.0.1:9124" },
    restartDelayMs: 4000,
  },
};

const workload: Workload = { ...browsing, apiPerSecond: 5 };

export const startBalancer: Action = { do: "unit restart", unit: "balancer" };

export const drill: PaceSet = {
  timing: DRILL_TIMING,
  topology,
  workload,
  steadyState: {
    failedRatio: 0.005,
    affectedRatio: 0.005,
    p95Ms: { page: 150, api: 200 },
  },
  prelude: [
    (stage) => stage.deploy({ by: "release-train", summary: "web 4.2.1: opening hours" }, "web-2", "4.2.1"),
  ],
  change: [
    (stage) =>
      stage.installPackage(
        { by: "config-push", summary: "CFG-1002 apply role 'hall' to edge-1, restart its services" },
        kiosk,
      ),
  ],
  impact: {
    expectations: [
      { figure: "failedRequestRatio", min: 0.995 },
      { figure: "answerShare", route: "page", answer: "500", min: 0.995 },
      { figure: "routeFailedRatio", route: "api", min: 0.995 },
    ],
    settleMs: 3000,
  },
  recoveryMs: 45_000,
  rightFixes: [
    {
      name: "uninstall, then restart the balancer",
      steps: [{ do: "package uninstall", package: "kiosk" }, startBalancer],
    },
    {
      name: "disable and stop the other program, then restart the balancer",
      steps: [{ do: "unit disable", unit: "kiosk" }, { do: "unit stop", unit: "kiosk" }, startBalancer],
    },
    {
      name: "move the other program to a port of its own, then restart the balancer",
      steps: [
        { do: "unit config", unit: "kiosk", set: { port: "9120" } },
        { do: "unit restart", unit: "kiosk" },
        startBalancer,
      ],
    },
  ],
  mitigations: [
    {
      name: "stop the other program, then restart the balancer",
      steps: [{ do: "unit stop", unit: "kiosk" }, startBalancer],
    },
    {
      name: "kill the other program and start the balancer before it is back",
      steps: [{ do: "unit kill", unit: "kiosk" }, startBalancer],
    },
  ],
  wrongFixes: [
    { name: "restart the balancer only", steps: [startBalancer] },
    { name: "kill the other program only", steps: [{ do: "unit kill", unit: "kiosk" }] },
    { name: "restart backends", steps: restart(...unitsOf(topology, "web")) },
    {
      name: "roll back the balancer's configuration",
      steps: [{ do: "config rollback", version: 1 }, startBalancer],
    },
    { name: "change the balancer's port", steps: [apply(config("127.0.0.1:9119")), startBalancer] },
  ],
};
