import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Expectation } from "../../scenarios/scenario.ts";
import { createImpactTally, measureImpact, type MeasuredImpact } from "../judge/impact.ts";
import type { Traffic } from "../judge/traffic.ts";
import type { WindowSummary } from "../judge/window.ts";

export interface ImpactMeterDeps {
  readonly clock: Clock;
  readonly traffic: Traffic;
  readonly users: number;
  /** It measures for this long at most. */
  readonly forMs: number;
  /** Automatic restarts of each unit, ever. */
  readonly restarts: () => Readonly<Record<string, number>>;
}

/** Measures the impact from when it has settled to the first action. */
export interface ImpactMeter {
  /** The change is made; its impact counts once `settleMs` have passed. */
  begin(settleMs: number): void;
  /** What follows this moment (epoch ms; absent: now) is no longer the change's impact. Later calls change nothing. */
  close(at?: number): void;
  /** The same by somebody else's step, which may come before the beginning: then the change alone cannot be measured at all. */
  disturbed(): void;
  /** True when it was measured after it had settled; else there is only what came before. */
  readonly settled: boolean;
  /** Undefined before it was closed, and without a beginning. */
  measured(steady: WindowSummary, expectations: readonly Expectation[]): MeasuredImpact | undefined;
  stop(): void;
}

interface Mark {
  readonly at: number;
  readonly restarts: Readonly<Record<string, number>>;
}

export function createImpactMeter(deps: ImpactMeterDeps): ImpactMeter {
  const { clock, traffic, users, forMs } = deps;
  const timers: Cancel[] = [];
  let from: Mark | undefined;
  let to: Mark | undefined;
  let settled = false;
  let isDisturbed = false;
  let tally = createImpactTally({ users });

  const mark = (at: number): Mark => {
    traffic.cut(at);
    return { at, restarts: deps.restarts() };
  };

  traffic.onSettled((window) => {
    if (from && window.from >= from.at && window.to <= (to?.at ?? Infinity)) tally.add(window);
  });

  function start(): void {
    from = mark(clock.wall());
    tally = createImpactTally({ users });
  }

  function close(at?: number): void {
    if (!from || to) return;
    to = mark(Math.max(from.at, at ?? clock.wall()));
  }

  return {
    begin(settleMs) {
      if (isDisturbed) return;
      // An act before it has settled leaves only what came before.
      start();
      timers.push(
        clock.after(settleMs, () => {
          if (to) return;
          settled = true;
          start();
          if (forMs < Infinity) timers.push(clock.after(forMs, () => close()));
        }),
      );
    },
    close,
    disturbed() {
      isDisturbed = true;
      close();
    },
    get settled() {
      return settled;
    },
    measured(steady, expectations) {
      if (!from || !to) return undefined;
      traffic.settle(to.at, true);
      const before = from.restarts;
      const restarts = Object.fromEntries(
        Object.entries(to.restarts).map(([unit, count]) => [unit, count - (before[unit] ?? 0)]),
      );
      const whole = tally.summed(from.at, to.at);
      return measureImpact(
        { from: from.at, to: to.at, whole, people: tally.people, steady, restarts },
        expectations,
      );
    },
    stop: () => timers.forEach((cancel) => cancel()),
  };
}
