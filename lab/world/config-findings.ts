import { lint, type Finding } from "../../lb/config/lint/lint.ts";
import type { ParsedConfig } from "../../lb/config/parse.ts";
import type { BalancerConfig } from "../../lb/config/schema.ts";

/**
 * What lint finds in a configuration's text alone, and compared with the one that it replaces: no certificate is read and no
 * upstream checked.
 */
export const findingsIn = (
  { config, faultAt }: ParsedConfig & { readonly ok: true },
  against: BalancerConfig | undefined,
  now: number,
): readonly Finding[] => lint({ config, against, certificates: [], answers: [], now }, faultAt);
