import { balancerConfig, type BalancerConfig } from "../../lb/config/schema.ts";
import type { PolicyType } from "../../lb/policies/index.ts";
import { HOST } from "../world/ports.ts";
import { upstreamName, weightOf, type SideSetting } from "./setting.ts";

export const LISTENER = "public";
export const POOL = "web";
/** Whose requests a policy that hashes keeps together. */
export const USER_FIELD = "x-user";

const LISTENER_PORT = 8080;
const FIRST_PORT = 9001;
const HASHING: ReadonlySet<PolicyType> = new Set(["ring-hash", "maglev"]);

export const portOf = (place: number): number => FIRST_PORT + place;

/** The balancer's configuration of a side: what a person could write into balancer.yaml. */
export function balancerConfigOf(side: SideSetting, upstreams: number): BalancerConfig {
  const { policy: type, retries, timeoutMs, maxConnections } = side;
  return balancerConfig.parse({
    listeners: [{ name: LISTENER, bind: `${HOST}:${LISTENER_PORT}`, routes: [{ path: "/", pool: POOL }] }],
    pools: {
      [POOL]: {
        policy: HASHING.has(type) ? { type, key: `header:${USER_FIELD}` } : { type },
        upstreams: Array.from({ length: upstreams }, (_, place) => ({
          name: upstreamName(place),
          address: `${HOST}:${portOf(place)}`,
          weight: weightOf(side, place),
          maxConnections,
        })),
        ...(side.healthChecks
          ? { health: { path: "/healthz", intervalMs: 1000, timeoutMs: 500, fall: 2 } }
          : {}),
        queue: { limit: 200, timeoutMs: 5000 },
        retry: {
          attempts: retries,
          on: ["connect-failure", "reset", "timeout", "5xx"],
          budgetPercent: side.retryBudgetPercent,
        },
        slowStartMs: side.slowStartSeconds * 1000,
        timeouts: { responseMs: timeoutMs },
      },
    },
  });
}
