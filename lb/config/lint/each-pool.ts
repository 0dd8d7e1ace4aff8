import type { Path } from "../../../runtime/yaml/fault.ts";
import type { BalancerConfig, PoolConfig } from "../schema.ts";
import type { Remark } from "./rule.ts";

/** The remarks of `check` on each pool, which gets the pool's path. */
export function eachPool(
  { pools }: BalancerConfig,
  check: (pool: PoolConfig, path: Path, name: string) => readonly Remark[],
): readonly Remark[] {
  return Object.entries(pools).flatMap(([name, pool]) => check(pool, ["pools", name], name));
}
