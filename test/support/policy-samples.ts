import { POLICY_TYPES, policyOptions, type PolicyOptions, type PolicyType } from "../../lb/policies/index.ts";

/** The settings without which a policy cannot be configured. */
export const POLICY_SETTINGS: Readonly<Record<PolicyType, object>> = {
  "round-robin": {},
  random: {},
  "random-two": {},
  "least-connections": {},
  "peak-ewma": {},
  "ring-hash": { key: "header:user" },
  maglev: { key: "header:user" },
  first: {},
};

/** One configuration of each policy, for tests that hold for all of them. */
export const POLICY_SAMPLES: readonly PolicyOptions[] = POLICY_TYPES.map((type) =>
  policyOptions.parse({ type, ...POLICY_SETTINGS[type] }),
);
