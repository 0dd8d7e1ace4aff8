import { lint, type Finding } from "../../lb/config/lint/lint.ts";
import type { ParsedConfig } from "../../lb/config/parse.ts";
import type { BalancerConfig } from "../../lb/config/schema.ts";

/**
 * What may be said against a configuration by its text alone, and by the one that it replaces: no certificate is read and no
 * upstream asked, as when a balancer applies it.
 */
export const findingsIn = (
  { config, faultAt }: ParsedConfig & { readonly ok: true },
  against: BalancerConfig | undefined,
  now: number,
): readonly Finding[] => lint({ config, against, certificates: [], answers: [], now }, faultAt);
