import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import type { Workload } from "../../scenarios/scenario.ts";
import { createTraffic } from "../judge/traffic.ts";
import type { UsersWatched } from "../trainee/status.ts";
import type { World } from "../world/world.ts";

const SETTLE_EVERY_MS = 10_000;
/** Longer than a status's window, and than any request's timeout. */
const SETTLE_AFTER_MS = 60_000;

/** Watches the users of a lab that is up without a drill. What is settled is dropped in time, however long that is. */
export function watchVisitors(
  world: Pick<World, "onProbe" | "onLoad">,
  { users: { count: population } }: Workload,
  clock: Clock,
): { readonly visitors: UsersWatched; readonly cancel: Cancel } {
  const traffic = createTraffic({ users: population });
  world.onProbe((report) => traffic.probed(report));
  world.onLoad((report) => traffic.loaded(report));
  const cancel = every(clock, SETTLE_EVERY_MS, () => traffic.settle(clock.wall() - SETTLE_AFTER_MS));
  return { visitors: { traffic, population }, cancel };
}
