import { z } from "zod";
import { seeded, type Random } from "../runtime/random.ts";
import { aborted } from "../runtime/aborted.ts";
import type { UnitProcess } from "../runtime/unit-process.ts";
import type { RunningBalancer } from "./assemble.ts";
import { BindFailure } from "./listener/bind-failure.ts";

export const balancerUnitConfig = z.looseObject({
  name: z.string(),
  /** The balancer's YAML file. */
  configPath: z.string(),
  tokenPath: z.string().optional(),
  seed: z.union([z.number(), z.string()]),
});

export type BalancerUnitConfig = z.infer<typeof balancerUnitConfig>;

/** How long what is in flight may take to end after SIGTERM. */
const STOP_MS = 10_000;

/** The balancer as a unit, from its start to its end. */
export async function runBalancer(
  unit: UnitProcess<BalancerUnitConfig>,
  start: (random: Random) => Promise<RunningBalancer>,
): Promise<void> {
  const { config, log, lifetime } = unit;
  const balancer = await start(seeded(config.seed).fork(config.name)).catch((error: unknown) => {
    // A service's log names the system's own error (EADDRINUSE) and the address.
    throw error instanceof BindFailure ? error.cause : error;
  });
  unit.onReload(() => void balancer.reload());
  unit.ready({ ports: balancer.ports(), adminPort: balancer.adminPort });
  await aborted(lifetime);
  log.info("stopping");
  await balancer.stop(STOP_MS);
  log.info("stopped");
}
