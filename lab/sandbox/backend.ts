import { createCapacity, type Capacity } from "../../backends/capacity.ts";
import { headerValue } from "../../lb/exchange.ts";
import type { Random } from "../../runtime/random.ts";
import type { Incoming, Network, NetworkEnd } from "../world/simulated/network.ts";
import type { VirtualClock } from "../world/simulated/virtual-time.ts";
import type { WorldSetting } from "./setting.ts";

/** How many times the usual work a request is, drawn by its user: the same request costs the same on both sides. */
export const COST_FIELD = "x-cost";

const WARM_UP_MS = 10_000;

/** A backend with the lab's model of capacity, which can be stopped and started. */
export interface SandboxBackend {
  readonly running: boolean;
  readonly waiting: number;
  readonly working: number;
  /** Takes effect with the next request; slots and backlog with the next start. */
  serviceMs: number;
  start(spec: Pick<WorldSetting, "slots" | "backlog" | "coldFactor">, isCold: boolean): void;
  /** Its process is killed: connections break, and further ones are refused. */
  kill(): void;
}

interface BackendDeps {
  readonly network: Network;
  readonly clock: VirtualClock;
  readonly random: Random;
}

export function createSandboxBackend(
  name: string,
  port: number,
  { network, clock, random }: BackendDeps,
): SandboxBackend {
  let capacity: Capacity | undefined;
  let end: NetworkEnd | undefined;

  function serve(incoming: Incoming): void {
    const { target, headers } = incoming.request;
    if (target === "/healthz") return incoming.answer(OK);
    const job = {
      factor: self.serviceMs * Number(headerValue(headers, COST_FIELD) ?? 1),
      done: () => incoming.answer(OK),
    };
    if (capacity?.admit(job) !== true) return incoming.answer(BUSY);
    incoming.onGone(() => capacity?.cancel(job));
  }

  const self: SandboxBackend = {
    serviceMs: 1,
    get running() {
      return end !== undefined;
    },
    get waiting() {
      return capacity?.queued() ?? 0;
    },
    get working() {
      return capacity?.inFlight() ?? 0;
    },
    start({ slots, backlog, coldFactor }, isCold) {
      if (end) return;
      // Each job brings its time along as its factor.
      const warmup = isCold ? { forMs: WARM_UP_MS, factor: coldFactor } : undefined;
      capacity = createCapacity(
        { slots, serviceMs: 1, sigma: 0, queueLimit: backlog, warmup },
        { clock, random },
      );
      end = network.attach(name);
      end.bind(port, serve);
    },
    kill() {
      end?.close();
      capacity?.stop();
      end = undefined;
      capacity = undefined;
    },
  };
  return self;
}

const FIELDS = ["content-type", "text/plain"];
const OK = { status: 200, headers: FIELDS, body: "ok" };
const BUSY = { status: 503, headers: FIELDS, body: "busy" };
