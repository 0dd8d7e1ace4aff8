import { assembleParts, type BalancerEdges, type BalancerProcessDeps } from "./assembly/parts.ts";
import { ConfigRefused } from "./config/refused.ts";
import { UnmetNeed } from "./config/unmet-need.ts";
import type { Exchange } from "./exchange.ts";

/** A balancer that serves. */
export interface RunningBalancer {
  /** Ports that clients connect to, by listener name. */
  ports(): Readonly<Record<string, number>>;
  readonly adminPort: number;
  /** Version of the configuration in force. */
  readonly version: number;
  /** Reads the file again. Never rejects: faults are logged and counted, and the old configuration stays in force. */
  reload(): Promise<boolean>;
  /** Stops accepting, lets requests in flight end for `deadlineMs` at most, and flushes the access log. */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Puts a balancer together, in any world: core, transport, listeners, admin interface, metrics and access log.
 * Throws ConfigRefused, NOT_FOUND, ENVIRONMENT and BindFailure; then nothing is left running.
 */
export async function assembleBalancer<X extends Exchange>(
  edges: BalancerEdges<X>,
  deps: BalancerProcessDeps,
): Promise<RunningBalancer> {
  const { log } = deps;
  const parts = assembleParts(edges, deps);
  const { first, balancer, listeners, control, canary, rollout, admin } = parts;
  const { parsed } = first;

  function end(): void {
    canary.stop();
    rollout.stop();
    balancer.close();
    parts.transport.close();
  }

  let stopping: Promise<void> | undefined;
  async function stop(deadlineMs: number): Promise<void> {
    canary.stop();
    await listeners.close(deadlineMs);
    await admin.close();
    end();
    await parts.accessLog.close();
  }

  try {
    (await parts.prepare(parsed.config)).commit(first.version);
    edges.store.settled(first.version);
    rollout.started(first.push);
  } catch (error) {
    end();
    // A caller knows more about a port that is taken than about the other failures.
    if (error instanceof UnmetNeed && error.code === "CONFIG_INVALID")
      throw new ConfigRefused([parsed.faultAt(error.path, error.message)]);
    throw error;
  }
  log.info({ version: balancer.version, ports: listeners.ports() }, `serving version ${balancer.version}`);

  return {
    ports: () => listeners.ports(),
    get adminPort() {
      return admin.port;
    },
    get version() {
      return balancer.version;
    },
    reload: () =>
      control.reload().then(
        () => true,
        // Logged and counted already.
        () => false,
      ),
    stop(deadlineMs) {
      stopping ??= stop(deadlineMs);
      return stopping;
    },
  };
}
