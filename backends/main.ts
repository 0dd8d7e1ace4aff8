import { seeded } from "../runtime/random.ts";
import { aborted, runUnit } from "../runtime/unit-process.ts";
import { startBackend } from "./backend.ts";
import { parseBackendConfig } from "./config.ts";

const GRACE_MS = 1000;
const CRASHED = 70;

runUnit(parseBackendConfig, async (unit) => {
  const { config, clock, log } = unit;
  const { name, role, version, seed, capacity } = config;
  const backend = await startBackend(config, {
    clock,
    random: seeded(`${seed}/${name}`),
    log,
    crash: () => process.exit(CRASHED),
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
});
