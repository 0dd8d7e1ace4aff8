import type { RequestRecord } from "../../lb/balancer.ts";
import type { TrafficView } from "../events/traffic-view.ts";
import { STEP_MS, type NextTurn } from "../world/simulated/virtual-time.ts";
import type { SideFigures } from "./meter.ts";
import type { SandboxSetting } from "./setting.ts";
import { createSide, type Side, type SideView } from "./side.ts";

const SECOND_STEPS = 1000 / STEP_MS;
/** Points of the history that are kept, one a second. */
export const HISTORY_SECONDS = 60;

/** A side's figures as they were at a second. */
export interface HistoryPoint extends SideFigures {
  readonly second: number;
  readonly queued: number;
}

export interface SandboxSideView extends SideView {
  readonly history: readonly HistoryPoint[];
  readonly traffic: TrafficView;
}

/** Sides in virtual time, `STEP_MS` a step: the same setting and the same changes after the same steps give the same requests. */
export interface Sandbox {
  readonly steps: number;
  /** The seed and the number of sides stay as they were. */
  change(setting: SandboxSetting): void;
  step(): Promise<void>;
  /** How each side is now, with its traffic since the last call. */
  views(): readonly SandboxSideView[];
}

export interface SandboxDeps {
  readonly nextTurn: NextTurn;
  /** Called with each request that a side's balancer has ended. */
  readonly onRequest?: ((side: number, record: RequestRecord) => void) | undefined;
}

export function createSandbox(setting: SandboxSetting, { nextTurn, onRequest }: SandboxDeps): Sandbox {
  const { seed, world } = setting;
  const sides = setting.sides.map((side, place) => ({
    side: createSide(world, side, { seed, nextTurn, onRequest: (record) => onRequest?.(place, record) }),
    history: [] as HistoryPoint[],
  }));
  let steps = 0;

  return {
    get steps() {
      return steps;
    },
    change(next) {
      sides.forEach(({ side }, place) => {
        const own = next.sides[place];
        if (own) side.change(next.world, own);
      });
    },
    async step() {
      for (const { side } of sides) await side.run(STEP_MS);
      steps += 1;
      if (steps % SECOND_STEPS === 0) for (const { side, history } of sides) note(history, side, steps);
    },
    views: () =>
      sides.map(({ side, history }) => ({ ...side.view(), history: [...history], traffic: side.traffic() })),
  };
}

function note(history: HistoryPoint[], side: Side, steps: number): void {
  const { figures, queued } = side.view();
  history.push({ ...figures, queued, second: steps / SECOND_STEPS });
  if (history.length > HISTORY_SECONDS) history.shift();
}
