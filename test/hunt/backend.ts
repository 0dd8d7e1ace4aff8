import { createCapacity, type Capacity, type CapacitySpec, type Job } from "../../backends/capacity.ts";
import { headerValue } from "../../lb/exchange.ts";
import type { Network, NetworkEnd, Incoming } from "../../lab/world/simulated/network.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import { addressOf, portOf } from "./config-file.ts";
import type { BackendPlan, Mood } from "./plan.ts";

export const HEALTH_PATH = "/healthz";
export const ID_HEADER = "x-hunt-id";
/** `PIECES GAP_MS [BREAKS_AFTER]`: how the body is to come. */
export const PIECES_HEADER = "x-hunt-pieces";

export interface Backend {
  crash(): void;
  start(): void;
  become(mood: Mood): void;
  /** Begins anew: idle, quick, without faults. */
  heal(): void;
}

export interface BackendDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
}

const WELL: Mood = { how: "well", ratio: 0, pieces: 0, gapMs: 0, health: "well" };
const QUICK: CapacitySpec = { slots: 64, serviceMs: 1, queueLimit: 64 };

/** A backend of the lab's own capacity, whose faults change. Its answers carry the request's id and its own address. */
export function createBackend(
  index: number,
  { mood: first, ...planned }: BackendPlan,
  { clock, random, network }: BackendDeps,
): Backend {
  let mood = first;
  let able: CapacitySpec = planned;
  let running: { readonly end: NetworkEnd; readonly capacity: Capacity } | undefined;

  function serve(incoming: Incoming, capacity: Capacity): void {
    const { request } = incoming;
    if (request.target === HEALTH_PATH) {
      if (mood.health !== "stall")
        incoming.answer({ status: mood.health === "well" ? 200 : 500, headers: [], body: "" });
      return;
    }
    const id = headerValue(request.headers, ID_HEADER) ?? "";
    const how = random.next() < mood.ratio ? mood.how : "well";
    if (how === "stall") return;
    const { pieces, gapMs, breaksAfter } = mood;
    const give = (status: number): void =>
      incoming.answer({
        status,
        headers: [
          PIECES_HEADER,
          [pieces, gapMs, ...(breaksAfter === undefined ? [] : [breaksAfter])].join(" "),
        ],
        body: `${id} ${addressOf(index)}`,
      });
    const job: Job = {
      done() {
        if (how === "cut") incoming.cut();
        else give(how === "5xx" ? 500 : 200);
      },
    };
    if (capacity.admit(job)) incoming.onGone(() => capacity.cancel(job));
    else give(503);
  }

  const self: Backend = {
    crash() {
      running?.capacity.stop();
      running?.end.close();
      running = undefined;
    },
    start() {
      if (running) return;
      const capacity = createCapacity(able, { clock, random });
      const end = network.attach(`backend-${index}`);
      end.bind(portOf(index), (incoming) => serve(incoming, capacity));
      running = { end, capacity };
    },
    become: (next) => void (mood = next),
    heal() {
      self.crash();
      mood = WELL;
      able = QUICK;
      self.start();
    },
  };
  self.start();
  return self;
}
