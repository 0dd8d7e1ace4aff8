import { createTwoFilesPatch } from "diff";
import type { Sight } from "../world/world.ts";

/** Two versions of the balancer's configuration, and their differences. */
export interface ConfigDiff {
  readonly from: number;
  readonly to: number;
  readonly same: boolean;
  /** A unified diff. */
  readonly patch: string;
}

/** Default: the active version against the one before it. */
export async function configDiff(
  sight: Pick<Sight, "config">,
  { from, to }: { readonly from?: number | undefined; readonly to?: number | undefined },
): Promise<ConfigDiff> {
  const now = await sight.config(to);
  const before = await sight.config(from ?? Math.max(1, now.version - 1));
  return {
    from: before.version,
    to: now.version,
    same: before.yaml === now.yaml,
    patch: createTwoFilesPatch(`version ${before.version}`, `version ${now.version}`, before.yaml, now.yaml),
  };
}
