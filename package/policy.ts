/**
 * What authors of policies import, as `outage-lab/policy`: what a policy is and is given, and the balancer's own ones, to
 * build on and to compare with.
 */
export { createPolicy, policyOptions, type PolicyOptions } from "../lb/policies/index.ts";
export type { Candidate, PickRequest, Policy, PolicyDeps } from "../lb/policies/policy.ts";
export { createWeightedDraw, type WeightedDraw } from "../lb/policies/weighted-draw.ts";
export type { Clock } from "../runtime/clock.ts";
export { seeded, type Random } from "../runtime/random.ts";
