import type { EngineName } from "../../lb/transport/engines.ts";
import { shopConfig, upstreams } from "./shop-config.ts";

/** A configuration of the shop that differs from the one of another turn. */
export type ShopChange = (turn: number, ports: readonly number[], engine: EngineName) => object;

/** Three of the five, others in each turn. */
export const some = (turn: number, ports: readonly number[]): readonly number[] =>
  ports.slice(turn % 3, 3 + (turn % 3));

/** Members, weights, states, policies, and the settings around a policy: what a canary may change, too. */
export const POOL_CHANGES: readonly ShopChange[] = [
  (turn, ports, engine) => shopConfig(some(turn, ports), engine),
  (turn, ports, engine) =>
    shopConfig(ports, engine, { upstreams: upstreams(ports, (i) => 1 + ((turn * (i + 1)) % 7)) }),
  (_turn, ports, engine) =>
    shopConfig(ports, engine, { policy: { type: "least-connections" }, sticky: { cookie: "lb" } }),
  (turn, ports, engine) =>
    shopConfig(some(turn, ports).toReversed(), engine, { health: undefined, slowStartMs: 1000 }),
  (_turn, ports, engine) =>
    shopConfig(ports, engine, { policy: { type: "maglev", key: "peer" }, queue: { limit: 10 } }),
];

/** The change of a turn, each in its turn. */
export function changeAt(changes: readonly ShopChange[], turn: number): ShopChange {
  const found = changes[turn % changes.length];
  if (!found) throw new Error("there is no change");
  return found;
}
