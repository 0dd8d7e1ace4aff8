import type { RequestRecord } from "../../../lb/balancer.ts";
import { parseBalancerConfig } from "../../../lb/config/parse.ts";
import { createConfigStore } from "../../../lb/config/store.ts";
import { CodedError } from "../../../runtime/errors.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { keysOf, type KeyName, type Keys } from "../../../runtime/keys.ts";
import { seeded } from "../../../runtime/random.ts";
import type { BackendSpec } from "../../../scenarios/scenario.ts";
import { answerOf, noAnswer, type Visit } from "../visit.ts";
import { allPorts, HOST, portPlan } from "../ports.ts";
import { createMachineWorld } from "../machine-world.ts";
import type { BringUpParts } from "../bring-up.ts";
import { evaluatorUnit } from "../topology.ts";
import type { Sight, World } from "../world.ts";
import { createAccessLines } from "./access-lines.ts";
import { createAdmins } from "./admins.ts";
import { ask } from "./ask.ts";
import { cheapSign } from "./cheap-sign.ts";
import { memoryConfig } from "./config-medium.ts";
import { createSimulatedHost } from "./host.ts";
import { createSimulatedLauncher } from "./launcher.ts";
import { createLogBook } from "./log-book.ts";
import { createMonitoringApis } from "./monitoring-apis.ts";
import { createNetwork, type Network, type NetworkEnd } from "./network.ts";
import { backendProgram } from "./programs/backend.ts";
import { balancerProgram } from "./programs/balancer.ts";
import { evaluatorProgram } from "./programs/evaluator.ts";
import { loadProgram } from "./programs/load.ts";
import { probeProgram } from "./programs/probe.ts";
import { createScrapes, textAt } from "./scrapes.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { Platform } from "./platform.ts";
import type { MetricRegistry } from "../../../runtime/metrics/registry.ts";

export interface SimulatedWorld extends World {
  /** The balancer's public address, `host:port`. */
  readonly listener: string;
  /** Its links can be tampered with. */
  readonly network: Network;
  /** SIGKILL to a unit's process from outside of the lab. */
  kill(unit: string): void;
  /** One request to the public address, as a person makes it. */
  readonly visit: Visit;
}

export interface SimulatedWorldConfig {
  readonly seed: number;
  /** Between two scrapes of everything. Default 1000. */
  readonly observeEveryMs?: number;
}

export interface SimulatedWorldDeps {
  readonly time: VirtualTime;
  readonly platform: Pick<Platform, "hashing" | "texts">;
  /** The lab's own metrics: units and changes. */
  readonly labMetrics: (sight: Sight) => MetricRegistry;
  /** Called with each request that the balancer has ended. */
  readonly onRequest?: (record: RequestRecord) => void;
}

/** A whole lab in memory and in virtual time: everything it does follows from the seed. */
export function createSimulatedWorld(
  { seed, observeEveryMs }: SimulatedWorldConfig,
  { time, platform: { hashing, texts }, labMetrics, onRequest }: SimulatedWorldDeps,
): SimulatedWorld {
  const plan = portPlan();
  const clock = time.clock("promises");
  const network = createNetwork({ clock: time.clock("data") });
  const scrapes = createScrapes(network.holder);
  const admins = createAdmins(network.holder, scrapes);
  const logs = createLogBook(clock);
  const accessLines = createAccessLines(onRequest);
  const medium = memoryConfig("balancer.yaml");
  const apis = createMonitoringApis(network.holder);
  const launch = createSimulatedLauncher({
    time,
    random: seeded(seed).fork("startup"),
    network,
    logs,
    keysFor: (names) => predictableKeys(names, seed),
    programs: {
      balancer: balancerProgram({ medium, hashing, accessLines, admins }),
      backend: backendProgram(scrapes),
      probe: probeProgram(scrapes),
      load: loadProgram,
      evaluator: evaluatorProgram({ scrapes, apis, texts }),
    },
  });
  const host = createSimulatedHost(allPorts(plan), { time, launch, network });
  const outside = network.attach("somebody");
  outside.bind(plan.control, (incoming) => incoming.cut());

  const world = createMachineWorld({
    clock,
    plan,
    seed,
    host,
    admin: admins.client(plan.admin),
    store: createConfigStore(medium, { clock, hashing }),
    parse: async (raw, file) => parseBalancerConfig(raw, file),
    balancer: { configPath: medium.path, seed },
    placed: (config) => config,
    sight: {
      unitLog: async (unit, lines) => logs.tail(unit, lines),
      accessLog: async (lines) => accessLines.tail(lines),
      exposition: async (port) => textAt(scrapes, port),
    },
    monitoring: apis.client(plan.evaluator),
    alertsFrom: "evaluator",
    onRequests: accessLines.onBatch,
    watchers: (topology) => [
      evaluatorUnit(topology, {
        plan,
        tokenPath: "token",
        dashboards: "dashboards",
        observeEveryMs,
        notify: {},
      }),
    ],
    ...startsOf(outside, clock),
  });
  scrapes.publish(plan.control, { registry: () => labMetrics(world.sight) });

  return {
    ...world,
    listener: `${HOST}:${plan.listener}`,
    network,
    kill: (unit) => void host.unit(unit)?.kill(),
    visit: visitFrom(outside, clock, plan.listener),
  };
}

/** What of its start a backend is sent: sessions and cached pages. */
function startsOf(outside: NetworkEnd, clock: Clock): Pick<BringUpParts, "importAt" | "fillCache"> {
  async function post({ name, port }: BackendSpec, target: string, body: unknown): Promise<unknown> {
    const answer = await ask(outside, clock, port, {
      method: "POST",
      target,
      headers: ["host", `${HOST}:${port}`],
      body: JSON.stringify(body),
    });
    if (typeof answer === "string" || answer.status !== 200)
      throw new CodedError("UNIT_FAILED", `${name} did not take what it is to start with`);
    return JSON.parse(answer.body) as unknown;
  }
  return {
    importAt: async (server, users) =>
      ((await post(server, "/sessions", { users })) as { sessions: readonly string[] }).sessions,
    fillCache: async (server, pages) => void (await post(server, "/cache", pages)),
  };
}

/** Keys that follow from the seed. Predictable nonces are fine here: nobody could predict them. */
function predictableKeys(names: readonly KeyName[], seed: number): Keys {
  const wanted = names.filter((name) => name !== "nonce");
  const secrets = Object.fromEntries(wanted.map((name) => [name, `${name}/${seed}`]));
  return keysOf(secrets, cheapSign);
}

/** Requests to the public address, as a person makes them. */
function visitFrom(outside: NetworkEnd, clock: Clock, port: number): Visit {
  return async ({ path: target, method, cookie, body }) => {
    const headers = ["host", `${HOST}:${port}`, ...(cookie === undefined ? [] : ["cookie", cookie])];
    const answer = await ask(outside, clock, port, { method, target, headers, body });
    if (typeof answer === "string") return noAnswer(answer === "cut" ? "ECONNRESET" : "ECONNREFUSED");
    return answerOf(answer.status, answer.headers, answer.body);
  };
}
