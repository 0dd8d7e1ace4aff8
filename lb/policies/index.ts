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

export const policyOptions = z.discriminatedUnion("type", [
  roundRobin.options,
  random.options,
  randomTwo.options,
  leastConnections.options,
  peakEwma.options,
  ringHash.options,
  maglev.options,
  first.options,
]);
export type PolicyOptions = z.infer<typeof policyOptions>;

export function createPolicy<C extends Candidate>(options: PolicyOptions, deps: PolicyDeps<C>): Policy<C> {
  switch (options.type) {
    case "round-robin":
      return roundRobin.create(options, deps);
    case "random":
      return random.create(options, deps);
    case "random-two":
      return randomTwo.create(options, deps);
    case "least-connections":
      return leastConnections.create(options, deps);
    case "peak-ewma":
      return peakEwma.create(options, deps);
    case "ring-hash":
      return ringHash.create(options, deps);
    case "maglev":
      return maglev.create(options, deps);
    case "first":
      return first.create(options, deps);
  }
}
