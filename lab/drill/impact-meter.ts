import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Expectation } from "../../scenarios/scenario.ts";
import { measureImpact, type MeasuredImpact } from "../judge/impact.ts";
import type { Traffic } from "../judge/traffic.ts";
import type { WindowSummary } from "../judge/window.ts";

export interface ImpactMeterDeps {
  readonly clock: Clock;
  readonly traffic: Traffic;
  readonly users: number;
  /** How long users wait at most: after it every request has come to something. */
  readonly patienceMs: number;
  /** It measures for this long at most. */
  readonly forMs: number;
  /** Automatic restarts of each unit, ever. */
  readonly restarts: () => Readonly<Record<string, number>>;
}

/** Measures the impact from when it has settled to the first action. */
export interface ImpactMeter {
  /** The change is made; its impact counts once `settleMs` have passed. */
  begin(settleMs: number): void;
  /** What follows this moment (epoch ms; absent: now) is no longer the change's doing. Later calls change nothing. */
  close(at?: number): void;
  /** Undefined before it was closed, and without a beginning. */
  measured(steady: WindowSummary, expectations: readonly Expectation[]): MeasuredImpact | undefined;
  stop(): void;
}

interface Mark {
  readonly at: number;
  readonly restarts: Readonly<Record<string, number>>;
}

export function createImpactMeter(deps: ImpactMeterDeps): ImpactMeter {
  const { clock, traffic, users, patienceMs, forMs } = deps;
  const timers: Cancel[] = [];
  let from: Mark | undefined;
  let to: Mark | undefined;
  let kept: ReturnType<Traffic["records"]> | undefined;

  const mark = (at: number): Mark => ({ at, restarts: deps.restarts() });
  const records = () => (from && to ? traffic.records(from.at, to.at) : []);

  function close(at?: number): void {
    if (!from || to) return;
    to = mark(Math.max(from.at, at ?? clock.wall()));
    // Kept here, for the drill may go on for longer than the traffic remembers.
    timers.push(clock.after(patienceMs, () => (kept = records())));
  }

  return {
    begin(settleMs) {
      // Who acts before it has settled leaves only what there was until then.
      from = mark(clock.wall());
      timers.push(
        clock.after(settleMs, () => {
          if (to) return;
          from = mark(clock.wall());
          if (forMs < Infinity) timers.push(clock.after(forMs, () => close()));
        }),
      );
    },
    close,
    measured(steady, expectations) {
      if (!from || !to) return undefined;
      const before = from.restarts;
      const restarts = Object.fromEntries(
        Object.entries(to.restarts).map(([unit, count]) => [unit, count - (before[unit] ?? 0)]),
      );
      return measureImpact(
        { from: from.at, to: to.at, records: kept ?? records(), users, steady, restarts },
        expectations,
      );
    },
    stop: () => timers.forEach((cancel) => cancel()),
  };
}
