import type { Action } from "../../scenarios/action.ts";
import type { ReadConfig } from "./evidence.ts";
import { writeYaml } from "../../runtime/yaml/write.ts";
import { readPlain } from "../../runtime/yaml/read-plain.ts";

/** An upstream as its file has it. */
export interface WrittenUpstream {
  readonly name: string;
  readonly weight?: number;
}

interface WrittenPool {
  readonly health?: unknown;
  readonly upstreams: readonly WrittenUpstream[];
}

interface Written {
  readonly pools: Readonly<Record<string, WrittenPool>>;
}

/**
 * What brings a good version's pool back. When only the bad version is newer than it, that is a rollback. When others are
 * newer, a rollback would undo those as well, and they may be needed: the active version is corrected in this one pool.
 */
export function backTo(
  good: ReadConfig,
  configs: readonly ReadConfig[],
  pool: string,
  correct: (now: readonly WrittenUpstream[], then: readonly WrittenUpstream[]) => readonly WrittenUpstream[],
): Action[] {
  const [active, previous] = configs;
  if (active === undefined || good === previous) return [{ do: "config rollback", version: good.version }];
  const now = readPlain(active.yaml) as Written;
  const then = (readPlain(good.yaml) as Written).pools[pool];
  const bad = now.pools[pool];
  if (!bad || !then) return [{ do: "config rollback", version: good.version }];
  const corrected: WrittenPool = {
    ...bad,
    ...(then.health === undefined ? {} : { health: then.health }),
    upstreams: correct(bad.upstreams, then.upstreams),
  };
  const yaml = writeYaml({ ...now, pools: { ...now.pools, [pool]: corrected } });
  return [{ do: "config apply", yaml, reason: `pool ${pool} as in version ${good.version}` }];
}
