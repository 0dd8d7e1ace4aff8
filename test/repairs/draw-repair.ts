import { stageCallsOf } from "../../lab/contract/stage-calls.ts";
import { seeded } from "../../runtime/random.ts";
import type { Action } from "../../scenarios/action.ts";
import type { ConfigInput, PaceSet } from "../../scenarios/scenario.ts";
import { apply } from "../../scenarios/shop.ts";
import { createDraw, type Draw } from "../hunt/draw.ts";
import { MUTATIONS } from "./mutations.ts";
import { readPlain } from "../../runtime/yaml/read-plain.ts";

/** One step of a repair, and how long it takes. */
export interface RepairStep {
  readonly waitMs: number;
  readonly does: Action;
}

/** What can be acted on in an incident. */
interface Reach {
  readonly pace: PaceSet;
  /** Every configuration that there was, is or would be right, the broken one last among those that were pushed. */
  readonly configs: readonly ConfigInput[];
  readonly broken: ConfigInput;
  readonly units: readonly string[];
  readonly packages: readonly string[];
  readonly upstreams: ConfigInput["pools"][string]["upstreams"];
}

const LONGEST_WAIT_MS = 6000;

/** A repair by chance, the same for the same seed: near a right one, near what is broken, or nothing but acts. */
export async function drawRepair(pace: PaceSet, seed: number | string): Promise<readonly RepairStep[]> {
  const draw = createDraw(seeded(seed).fork("repair"));
  const reach = await reachOf(pace);
  const steps = draw.one([nearRight, nearRight, nearBroken, nearBroken, acts, twoFixes])(reach, draw);
  const noise = draw.sometimes(0.4) ? draw.times(draw.between(1, 2), () => act(reach, draw)) : [];
  const all = draw.sometimes(0.5) ? [...noise, ...steps] : [...steps, ...noise];
  return all.map((does) => ({ waitMs: draw.below(LONGEST_WAIT_MS), does }));
}

async function reachOf(pace: PaceSet): Promise<Reach> {
  const requested = await stageCallsOf(pace);
  const applied = [...pace.rightFixes, ...pace.wrongFixes]
    .flatMap(({ steps }) => steps)
    .flatMap((step) => (step.do === "config apply" ? [readPlain(step.yaml) as ConfigInput] : []));
  const pushed = [pace.topology.config, ...requested.configs];
  const configs = [...pushed, ...applied];
  const upstreams = new Map(
    configs
      .flatMap(({ pools }) => Object.values(pools).flatMap((pool) => pool.upstreams))
      .map((upstream) => [upstream.name, upstream]),
  );
  return {
    pace,
    configs,
    broken: pushed.at(-1) ?? pace.topology.config,
    units: [
      ...pace.topology.backends.map(({ name }) => name),
      ...requested.packages.map(({ unit }) => unit.name),
      "balancer",
    ],
    packages: requested.packages.map(({ name }) => name),
    upstreams: [...upstreams.values()],
  };
}

/** A right fix with its configuration a little different, with one of its steps left out, or in another order. */
function nearRight(reach: Reach, draw: Draw): Action[] {
  const { steps } = draw.one(reach.pace.rightFixes);
  const changed = steps.map((step) =>
    step.do === "config apply" && draw.sometimes(0.7)
      ? apply(mutated(readPlain(step.yaml) as ConfigInput, reach, draw, draw.between(1, 2)))
      : step,
  );
  if (changed.length < 2 || draw.sometimes(0.5)) return changed;
  const left = draw.below(changed.length);
  return draw.sometimes(0.5) ? changed.filter((_, i) => i !== left) : changed.reverse();
}

const nearBroken = (reach: Reach, draw: Draw): Action[] => [
  apply(
    mutated(draw.sometimes(0.7) ? reach.broken : draw.one(reach.configs), reach, draw, draw.between(1, 3)),
  ),
];

const acts = (reach: Reach, draw: Draw): Action[] => draw.times(draw.between(1, 4), () => act(reach, draw));

function twoFixes({ pace }: Reach, draw: Draw): Action[] {
  const fixes = [...pace.rightFixes, ...pace.mitigations, ...pace.wrongFixes];
  return [...draw.one(fixes).steps, ...draw.one(fixes).steps];
}

function mutated(config: ConfigInput, { upstreams }: Reach, draw: Draw, times: number): ConfigInput {
  const pools = { ...config.pools };
  for (let i = 0; i < times; i++) {
    const name = draw.one(Object.keys(pools));
    const pool = pools[name];
    const mutation = MUTATIONS[draw.one(Object.keys(MUTATIONS))];
    if (pool && mutation) pools[name] = mutation(pool, draw, upstreams);
  }
  return { ...config, pools };
}

function act({ units, packages, upstreams, configs }: Reach, draw: Draw): Action {
  const unit = draw.one(units);
  const upstream = draw.one(upstreams).name;
  return draw.one<() => Action>([
    () => ({ do: "unit restart", unit }),
    () => ({ do: draw.one(["unit stop", "unit kill", "unit start", "unit enable", "unit disable"]), unit }),
    () => ({ do: "upstream drain", upstream }),
    () => ({ do: "upstream enable", upstream }),
    () => ({ do: "upstream weight", upstream, weight: draw.one([0, 1, 1, 10, 100]) }),
    () => ({ do: "config rollback", version: draw.between(1, 3) }),
    () => ({ do: "change revert", change: `chg-${1000 + draw.between(1, 6)}` }),
    () =>
      packages.length > 0
        ? { do: "package uninstall", package: draw.one(packages) }
        : apply(draw.one(configs)),
  ])();
}
