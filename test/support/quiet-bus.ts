import { createEventBus, type LabBus } from "../../lab/events/bus.ts";
import type { Clock } from "../../runtime/clock.ts";
import { seeded } from "../../runtime/random.ts";

/** The bus of a lab in which nothing happens. */
export const quietBus = (clock: Clock): LabBus =>
  createEventBus({ clock, random: seeded(1), gather: async () => undefined });
