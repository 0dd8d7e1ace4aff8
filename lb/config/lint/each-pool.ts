import type { Path } from "../../../runtime/yaml/fault.ts";
import type { BalancerConfig, PoolConfig } from "../schema.ts";
import type { Remark } from "./rule.ts";

/** What is to be said of each pool, given where it stands. */
export function eachPool(
  { pools }: BalancerConfig,
  say: (pool: PoolConfig, path: Path, name: string) => readonly Remark[],
): readonly Remark[] {
  return Object.entries(pools).flatMap(([name, pool]) => say(pool, ["pools", name], name));
}
