import {
  defineScenario,
  type ConfigInput,
  type PaceSet,
  type PackageSpec,
  type Topology,
  type Workload,
} from "../scenario.ts";
import type { Action } from "../action.ts";
import {
  apply,
  browsing,
  database,
  HEALTH,
  LISTENER,
  restart,
  shopConfig,
  stopTheLoad,
  stopTheProber,
  unitsOf,
  unweighted,
  webBackends,
  webUpstreams,
} from "../shop.ts";

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

const startBalancer: Action = { do: "unit restart", unit: "balancer" };

const drill: PaceSet = {
  topology,
  workload,
  steadyState: {
    failedRatio: 0.005,
    affectedRatio: 0.005,
    p95Ms: { page: 150, api: 200 },
    maxShare: { page: 0.5 },
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
    stopTheLoad,
    stopTheProber,
  ],
};

export const portConflict = defineScenario({
  id: "port-conflict",
  alias: "overture",
  title: "Another program on the balancer's port",
  report: {
    number: "000",
    window: "10:02 to 10:17 WAT",
    impact: "100 % of requests, and the APIs that depend on the service",
    impactRatio: 1,
    status: "500",
    minutes: { detect: 0, identify: 7, mitigate: 11, restore: 14 },
    userMinutesLostPer1000: 14_000,
    timeline: [
      { minute: -1, event: "a configuration is pushed" },
      { minute: 0, event: "outage; pagers" },
      { minute: 7, event: "the program that came with the push is being removed" },
      { minute: 12, event: "restarts begin" },
      { minute: 14, event: "all traffic back" },
    ],
    playbook: [
      {
        minute: 0,
        says: "the network engineers go to work on the server",
        looks: ["alerts", "status", "units", "logs balancer"],
      },
      {
        minute: 7,
        says: "a program that came with the push has the balancer's port; it is to be uninstalled",
        looks: ["ports", "changes"],
        diagnosis: { component: "balancer", mechanism: "port-taken", scope: "everyone" },
      },
      { minute: 11, says: "it is uninstalled", does: [{ do: "package uninstall", package: "kiosk" }] },
      // The report has restarts from minute 12 on and users back at 14: one after another, the balancer last.
      { minute: 12, says: "restarts begin", does: restart("web-1") },
      { minute: 12.5, says: "one after another", does: restart("web-2", "web-3") },
      { minute: 13.5, says: "the balancer last", does: [startBalancer] },
    ],
    contradictions: [
      {
        claim: "the balancer, unable to start, answered 500",
        reason: "a program that cannot bind its port answers nothing at all",
        treatment: "the other program answers 500; between its removal and the restart the port refuses",
      },
      {
        claim: 'the software was "installed" at minute 7 to 11',
        reason: "the report's text says that it was removed then",
        treatment: "read as uninstalled",
      },
    ],
    measures: ["the right environment for each change", "audits of all high-risk configuration"],
  },
  paces: { drill },
  alerts: {
    mustFire: ["HighFailureRatio", "BalancerUnreachable", "DependentApiFailing", "UnitFailed"],
    mustNotFire: ["LoginFailures", "SlowRequests", "QueueFull", "UnevenDistribution", "ConfigChanged"],
  },
  evidence: [
    {
      look: "curl -i http://127.0.0.1:8080/",
      shows: "500 with a Server header that is neither the balancer's nor a backend's",
    },
    {
      look: "ss -ltnp; lblab ps",
      shows: "another program listens on the balancer's port; the balancer's unit has failed",
    },
    { look: "lblab logs balancer", shows: "EADDRINUSE at every start, then the start limit" },
    {
      look: "lblab changes",
      shows: "a package labelled for another environment was installed a moment before",
    },
  ],
  falseLeads: [
    {
      looksLike: "the web backends fail",
      refutedBy: "they get no requests at all and are healthy",
      subjects: ["web-1", "web-2", "web-3", "deploy"],
    },
    {
      looksLike: "the dependent API is the problem",
      refutedBy: "it fails because what it calls fails",
      subjects: ["partner-api"],
    },
  ],
  hints: [
    "Somebody answers 500. Is it the balancer? Look at the head of the answer.",
    "Which process holds port 8080? lblab ps shows the units, ss -ltnp the ports.",
    "The balancer can only start once the port is free, and only stays up if nobody takes the port again.",
  ],
  diagnosis: {
    accepted: [
      { component: "balancer", mechanism: "port-taken", scope: "everyone" },
      { component: "kiosk", mechanism: "port-taken", scope: "everyone" },
    ],
    refuted: [
      { mechanism: "backend-bug", because: "the backends are healthy and get no requests" },
      { mechanism: "bad-deployment", because: "the new version of web never sees a request of these" },
      { mechanism: "network-loss", because: "every request is answered at once, by the wrong program" },
      { scope: "some-requests", because: "no request comes through" },
    ],
  },
  spoilers: ["port-conflict", "port conflict", "intruder", "port-taken"],
});
