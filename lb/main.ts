import { z } from "zod";
import { seeded } from "../runtime/random.ts";
import { aborted, runUnit } from "../runtime/unit-process.ts";
import { BindFailure } from "./bind-failure.ts";
import { startBalancer } from "./process.ts";

const unitConfig = z.looseObject({
  name: z.string(),
  /** The balancer's YAML file. */
  configPath: z.string(),
  tokenPath: z.string().optional(),
  seed: z.union([z.number(), z.string()]),
});

/** How long what is in flight may take to end after SIGTERM. */
const STOP_MS = 10_000;

runUnit(
  (raw) => unitConfig.parse(raw),
  async (unit) => {
    const { config, clock, log, lifetime } = unit;
    const balancer = await startBalancer(
      {
        configPath: config.configPath,
        ...(config.tokenPath === undefined ? {} : { adminTokenPath: config.tokenPath }),
      },
      { clock, random: seeded(config.seed).fork(config.name), log },
    ).catch((error: unknown) => {
      // A service's log names the system's own error (EADDRINUSE) and the address.
      throw error instanceof BindFailure ? error.cause : error;
    });
    unit.onReload(() => void balancer.reload());
    unit.ready({ ports: balancer.ports(), adminPort: balancer.adminPort });
    await aborted(lifetime);
    log.info("stopping");
    await balancer.stop(STOP_MS);
    log.info("stopped");
  },
);
