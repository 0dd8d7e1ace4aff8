import type { PaceSet, Workload } from "../../scenarios/scenario.ts";
import { createTraffic, type Traffic } from "../judge/traffic.ts";
import type { World } from "../world/world.ts";
import { createHarmMeter, type HarmMeter } from "./harm-meter.ts";
import { createImpactMeter, type ImpactMeter } from "./impact-meter.ts";
import { createWatch, type Watch } from "./watch.ts";

/** All that measures users in a drill. */
export interface Meters {
  readonly traffic: Traffic;
  readonly watch: Watch;
  readonly meter: ImpactMeter;
  readonly harm: HarmMeter;
  stop(): void;
}

export function createMeters(pace: PaceSet, { clock, sight }: World, quietSince: () => number): Meters {
  const { timing, workload } = pace;
  const users = workload.users.count;
  const traffic = createTraffic({ users });
  const watch = createWatch({
    clock,
    traffic,
    pace,
    requestTimeoutMs: requestTimeoutOf(workload),
    everyMs: timing.judgeEveryMs,
    quietSince,
  });
  const restarts = () => Object.fromEntries(sight.units().map((unit) => [unit.name, unit.restarts]));
  const meter = createImpactMeter({ clock, traffic, users, forMs: timing.measureForMs, restarts });
  const harm = createHarmMeter({ clock, traffic, pace });
  return {
    traffic,
    watch,
    meter,
    harm,
    stop() {
      meter.stop();
      harm.stop();
      watch.stop();
    },
  };
}

/** How long its users wait for anything at most. */
const requestTimeoutOf = ({ users: { timeoutMs, login } }: Workload): number =>
  Math.max(timeoutMs, login?.patienceMs ?? 0) + 1000;
