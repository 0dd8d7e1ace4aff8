import { dirname, resolve } from "node:path";
import { readToken } from "../runtime/admin-guard.ts";
import { descriptorLimit } from "../runtime/descriptor-limit.ts";
import { openAccessLog } from "./telemetry/access-log.ts";
import { createAdmin } from "./admin/admin.ts";
import { readIdentities } from "./admin/token-files.ts";
import { assembleBalancer, type RunningBalancer } from "./assemble.ts";
import type { BalancerProcessDeps } from "./assembly/parts.ts";
import { configFile } from "./config/medium.ts";
import { createParser } from "./config/parse-aside.ts";
import { createConfigStore } from "./config/store.ts";
import { connectionsFor } from "./listener/connection-places.ts";
import { createListenerSet } from "./listener/listener-set.ts";
import { readTlsIdentity } from "./listener/tls/tls-identity.ts";
import { probeChecks } from "./config/probe-checks.ts";
import { createEngineSwitch } from "./transport/engine-switch.ts";
import { nodeHashing } from "../runtime/node-hashing.ts";

export type { RunningBalancer } from "./assemble.ts";

export interface BalancerProcessConfig {
  /** The YAML file. Its history is kept beside it. */
  readonly configPath: string;
  /** File with the token for changes through the admin interface; absent: the interface is read-only. */
  readonly adminTokenPath?: string;
}

/** A balancer on real sockets and files. Throws what `assembleBalancer` does. */
export async function startBalancer(
  { configPath, adminTokenPath }: BalancerProcessConfig,
  deps: BalancerProcessDeps,
): Promise<RunningBalancer> {
  const { clock, log } = deps;
  const token = adminTokenPath === undefined ? undefined : readToken(adminTokenPath);
  const store = createConfigStore(configFile(configPath), {
    clock,
    hashing: nodeHashing,
    parser: createParser(clock),
  });
  return assembleBalancer(
    {
      store,
      createTransport: (engine) => createEngineSwitch(engine, { clock }),
      createListeners: ({ balancer, onRejected, newRequestId }) =>
        createListenerSet({
          clock,
          log,
          balancer,
          onRejected,
          maxConnections: connectionsFor(descriptorLimit()),
          newRequestId,
          readTls: (tls, path) => readTlsIdentity(tls, dirname(store.path), path),
        }),
      openAccessLog: ({ path, format }, logDeps) =>
        openAccessLog({ path: resolve(dirname(store.path), path), format }, { ...logDeps, clock }),
      probe: (config) => probeChecks(config, clock),
      createAdmin: (bind, adminDeps) => createAdmin(bind, { ...adminDeps, token }),
      readIdentities: (config) => readIdentities(config, dirname(store.path), token),
    },
    deps,
  );
}
