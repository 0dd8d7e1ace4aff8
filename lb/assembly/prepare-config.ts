import type { AdminInForce } from "./admin-in-force.ts";
import type { Balancer } from "../balancer.ts";
import type { Preparation } from "../config/config-control.ts";
import { NOBODY, type Identities } from "../config/rollout/identity.ts";
import type { BalancerConfig } from "../config/schema.ts";
import type { ListenerSet } from "../listener/listener-set.ts";
import type { AccessLogInForce } from "./access-log-in-force.ts";

/** What a configuration needs beyond what is there: addresses, certificates, tokens and the access log's file. */
export interface ConfigNeeds {
  readonly balancer: Pick<Balancer, "config" | "apply">;
  readonly transport: { use(engine: BalancerConfig["engine"]): void };
  readonly listeners: Pick<ListenerSet, "prepare">;
  readonly accessLog: AccessLogInForce;
  readonly admin: AdminInForce;
  readonly readIdentities?: ((config: BalancerConfig) => Identities) | undefined;
}

/**
 * Holds all of it ready. Throws UnmetNeed and BindFailure; nothing is held then. `inForce` is called with each configuration
 * that takes effect, before its listeners do.
 */
export function createPrepare(
  { balancer, transport, listeners, accessLog, admin, readIdentities }: ConfigNeeds,
  inForce: (config: BalancerConfig, identities: Identities) => void,
): (config: BalancerConfig) => Promise<Preparation> {
  return async (config) => {
    const identities = readIdentities?.(config) ?? NOBODY;
    const newLog = accessLog.open(config);
    const bound = await orClose(listeners.prepare(config), async () => newLog?.close());
    const cancel = async (): Promise<void> => {
      await Promise.all([bound.cancel(), newLog?.close()]);
    };
    const newAdmin = await orClose(admin.open(config.admin.bind), cancel);
    return {
      ...(bound.certificates && { certificates: bound.certificates }),
      cancel: async () => {
        await Promise.all([cancel(), newAdmin?.admin.close(0)]);
      },
      commit(version) {
        // The first configuration is in force since the core was made with it.
        if (config !== balancer.config) balancer.apply(config, version);
        inForce(config, identities);
        transport.use(config.engine);
        bound.commit();
        accessLog.replace(newLog);
        if (newAdmin) admin.replace(newAdmin);
      },
    };
  };
}

/** What was held already is released when the next thing cannot be had. */
async function orClose<T>(held: Promise<T>, close: () => Promise<unknown>): Promise<T> {
  try {
    return await held;
  } catch (error) {
    await close();
    throw error;
  }
}
