import { seeded } from "../../runtime/random.ts";
import { createEventBus, type LabBus } from "./bus.ts";
import { createStateGatherer, type StateGathererDeps } from "./state-gatherer.ts";

/** The bus of a lab, in every world: sampled by the lab's seed, and with the lab at a glance. */
export const createLabBus = (seed: number, deps: StateGathererDeps): LabBus =>
  createEventBus({
    clock: deps.clock,
    random: seeded(seed).fork("events"),
    gather: createStateGatherer(deps),
  });
