import { z } from "zod";
import * as first from "./first.ts";
import * as leastConnections from "./least-connections.ts";
import * as maglev from "./maglev.ts";
import * as peakEwma from "./peak-ewma.ts";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";
import * as random from "./random.ts";
import * as randomTwo from "./random-two.ts";
import * as ringHash from "./ring-hash.ts";
import * as roundRobin from "./round-robin.ts";

/** Every policy by its type. A new one is its file and its line here. */
export const POLICIES = {
  "round-robin": roundRobin,
  random,
  "random-two": randomTwo,
  "least-connections": leastConnections,
  "peak-ewma": peakEwma,
  "ring-hash": ringHash,
  maglev,
  first,
} as const;

export type PolicyType = keyof typeof POLICIES;
export type PolicyOptions = z.infer<(typeof POLICIES)[PolicyType]["options"]>;

/** The types in the order of the table, which is that of messages and of the schema. */
export const POLICY_TYPES = Object.keys(POLICIES) as PolicyType[];

const [one, ...others] = POLICY_TYPES.map((type) => POLICIES[type].options);
if (one === undefined) throw new Error("there is no policy");

/** The schema of a pool's `policy`. */
export const policyOptions = z.discriminatedUnion("type", [one, ...others]);

/** The pool's policy over a view of its candidates, which the pool keeps up to date. */
export function createPolicy<C extends Candidate>(options: PolicyOptions, deps: PolicyDeps<C>): Policy<C> {
  // The compiler does not see that a module's options are those of its own type; a test does.
  const policy = POLICIES[options.type] as {
    create(options: PolicyOptions, deps: PolicyDeps<C>): Policy<C>;
  };
  return policy.create(options, deps);
}
