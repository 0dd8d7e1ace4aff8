import { seeded } from "../runtime/random.ts";
import { aborted } from "../runtime/aborted.ts";
import type { UnitProcess } from "../runtime/unit-process.ts";
import type { Backend } from "./backend.ts";
import type { BackendConfig } from "./config.ts";
import type { ServiceDeps } from "./service.ts";

const GRACE_MS = 1000;
/** Exit code of a backend's process that has run out of workers. */
const CRASHED = 70;

export interface BackendEdges {
  start(config: BackendConfig, deps: Omit<ServiceDeps, "dial">): Promise<Backend>;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** A backend as a unit, from its start to its end. */
export async function runBackend(unit: UnitProcess<BackendConfig>, edges: BackendEdges): Promise<void> {
  const { config, clock, log, keys } = unit;
  const { name, role, version, seed, capacity } = config;
  const backend = await edges.start(config, {
    clock,
    random: seeded(`${seed}/${name}`),
    log,
    keys,
    crash: () => edges.exit(CRASHED),
  });
  const { host, port } = backend;
  log.info(
    { role, version, slots: capacity.slots, queueLimit: capacity.queueLimit },
    `${name} ${version} listens on http://${host}:${port}`,
  );
  unit.ready({ port });
  await aborted(unit.lifetime);
  log.info("asked to stop, finishing what is under way");
  await backend.close(GRACE_MS);
  log.info("stopped");
}
