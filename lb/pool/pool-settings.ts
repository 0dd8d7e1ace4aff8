import type { PoolConfig } from "../config/schema.ts";
import { createKeyOf, type KeyOf } from "./hash-key.ts";
import { createSticky, type Sticky } from "./sticky.ts";

/** What a request reads of its pool's configuration: read once as it comes in, it holds for that request's life. */
export interface PoolSettings {
  readonly config: PoolConfig;
  readonly keyOf: KeyOf;
  readonly sticky: Sticky | undefined;
  /** Its settings of health checks and of outlier detection as text: what is equal is the same. */
  readonly checksBy: string;
  readonly ejectsBy: string;
}

export function settingsOf(config: PoolConfig): PoolSettings {
  return {
    config,
    keyOf: createKeyOf(config.policy),
    sticky: config.sticky && createSticky(config.sticky),
    checksBy: JSON.stringify(config.health ?? null),
    ejectsBy: JSON.stringify(config.outlier ?? null),
  };
}
