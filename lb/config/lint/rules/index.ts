import type { Rule } from "../rule.ts";
import { rule as adminExposed } from "./admin-exposed.ts";
import { rule as adminUnfindable } from "./admin-unfindable.ts";
import { rule as capacityUnderLoad } from "./capacity-under-load.ts";
import { rule as certificateExpired } from "./certificate-expired.ts";
import { rule as certificateExpiresSoon } from "./certificate-expires-soon.ts";
import { rule as checkOverlaps } from "./check-overlaps.ts";
import { rule as checkPathFails } from "./check-path-fails.ts";
import { rule as firstWithoutLimit } from "./first-without-limit.ts";
import { rule as hashBehindProxy } from "./hash-behind-proxy.ts";
import { rule as keepAliveShorter } from "./keep-alive-shorter.ts";
import { rule as noHealthCheck } from "./no-health-check.ts";
import { rule as nobodyReady } from "./nobody-ready.ts";
import { rule as poolShrinks } from "./pool-shrinks.ts";
import { rule as poolUnused } from "./pool-unused.ts";
import { rule as queueOverResponse } from "./queue-over-response.ts";
import { rule as retriesMultiply } from "./retries-multiply.ts";
import { rule as routeShadowed } from "./route-shadowed.ts";
import { rule as sameAddress } from "./same-address.ts";
import { rule as slowStartWithoutEffect } from "./slow-start-without-effect.ts";
import { rule as unevenWeights } from "./uneven-weights.ts";
import { rule as ownAddress } from "./own-address.ts";
import { rule as panicWithoutEffect } from "./panic-without-effect.ts";
import { rule as stickyOverPlain } from "./sticky-over-plain.ts";
import { rule as trustsEverybody } from "./trusts-everybody.ts";

/** Every rule; a test holds the table against the folder. */
export const RULES: readonly Rule[] = [
  unevenWeights,
  nobodyReady,
  firstWithoutLimit,
  noHealthCheck,
  checkPathFails,
  checkOverlaps,
  hashBehindProxy,
  keepAliveShorter,
  retriesMultiply,
  queueOverResponse,
  poolShrinks,
  capacityUnderLoad,
  poolUnused,
  routeShadowed,
  sameAddress,
  slowStartWithoutEffect,
  adminUnfindable,
  adminExposed,
  ownAddress,
  panicWithoutEffect,
  stickyOverPlain,
  trustsEverybody,
  certificateExpired,
  certificateExpiresSoon,
];
