import type { Balancer } from "../../lb/balancer.ts";
import type { Network } from "../../lab/world/simulated/network.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Backend } from "./backend.ts";
import { BALANCER_PORT, configOf, edited, portOf, type Overrides } from "./config-file.ts";
import type { Facts } from "./facts.ts";
import type { Findings } from "./findings.ts";
import type { ConfigPlan, Step, UpstreamPlan } from "./plan.ts";

export interface DirectorDeps {
  readonly clock: Clock;
  readonly network: Network;
  readonly backends: readonly Backend[];
  readonly balancer: Pick<Balancer, "apply" | "config" | "version" | "setWeight" | "setState">;
  readonly facts: Facts;
  readonly findings: Findings;
}

export interface Director {
  perform(step: Exclude<Step, { do: "request" }>): void;
  /** Pools that every configuration so far had, each always at the same place among the routes. */
  readonly lasting: ReadonlySet<string>;
}

/** Carries out a plan's steps on the balancer and on the world around it. */
export function createDirector(
  first: ConfigPlan,
  { clock, network, backends, balancer, facts, findings: { broken } }: DirectorDeps,
): Director {
  let file = first;
  let overrides: Overrides = new Map();
  const places = Object.keys(first);
  const lasting = new Set(places);

  function apply(keep: Overrides): void {
    overrides = keep;
    const names = Object.keys(file);
    for (const name of lasting) if (names.indexOf(name) !== places.indexOf(name)) lasting.delete(name);
    const config = configOf(file, overrides);
    facts.configure(config);
    balancer.apply(config, balancer.version + 1);
  }

  /** A route to nowhere: it is refused as a whole, or something is wrong. */
  function applyBroken(): void {
    const { config, version } = balancer;
    const listeners = config.listeners.map((one) => ({ ...one, routes: [{ path: "/", pool: "nowhere" }] }));
    try {
      balancer.apply({ ...config, listeners, pools: {} }, version + 1);
    } catch {
      if (balancer.config === config && balancer.version === version) return;
    }
    broken("no effect of reloads, same seed same run", "a configuration with a route to nowhere is in force");
  }

  function override(upstream: string, change: Partial<Pick<UpstreamPlan, "weight" | "state">>): void {
    overrides = new Map(overrides).set(upstream, { ...overrides.get(upstream), ...change });
  }

  return {
    lasting,
    perform(step) {
      switch (step.do) {
        case "apply":
          file = step.edits.reduce(edited, file);
          return apply(new Map());
        case "reload":
          if (step.what === "same") apply(overrides);
          else if (step.what === "broken") applyBroken();
          return;
        case "weight":
          override(step.upstream, { weight: step.weight });
          facts.setWeight(step.upstream, step.weight);
          return void balancer.setWeight(step.upstream, step.weight);
        case "state":
          override(step.upstream, { state: step.state });
          facts.setState(step.upstream, step.state);
          return void balancer.setState(step.upstream, step.state);
        case "crash":
          return backends[step.backend]?.crash();
        case "start":
          return backends[step.backend]?.start();
        case "mood":
          return backends[step.backend]?.become(step.mood);
        case "link": {
          const { backend, condition, forMs } = step;
          const lift =
            backend === undefined
              ? network.condition("users", BALANCER_PORT, condition)
              : network.condition("balancer", portOf(backend), condition);
          return void clock.after(forMs, lift);
        }
      }
    },
  };
}
