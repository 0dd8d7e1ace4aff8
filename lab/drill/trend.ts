import type { Traffic } from "../judge/traffic.ts";
import { failedIn } from "../judge/window.ts";

/** The trend since the last action, by the share of requests that fail (0..1). Never why. */
export interface Trend {
  /** Since the action was over, seconds. */
  readonly seconds: number;
  /** In the 10 s before the action began. */
  readonly before: number;
  /** In the last 5 s, or since the action where that is less. */
  readonly now: number;
  readonly direction: "falling" | "rising" | "level";
}

const BEFORE_MS = 10_000;
const NOW_MS = 5000;
/** Two shares of a few hundred requests that are nearer than this differ by chance. */
const LEVEL = 0.03;

/** Undefined where there are too few requests to say. */
export function trendSince(
  action: { readonly begunAt: number; readonly overAt: number },
  now: number,
  traffic: Pick<Traffic, "records">,
): Trend | undefined {
  const failing = (from: number, to: number): number | undefined => {
    const records = traffic.records(from, to);
    return records.length < 20 ? undefined : records.filter(failedIn).length / records.length;
  };
  const before = failing(action.begunAt - BEFORE_MS, action.begunAt);
  const last = failing(Math.max(action.overAt, now - NOW_MS), now);
  if (before === undefined || last === undefined) return undefined;
  const earlier = failing(Math.max(action.overAt, now - 2 * NOW_MS), now - NOW_MS) ?? before;
  return {
    seconds: Math.round((now - action.overAt) / 1000),
    before,
    now: last,
    direction: last < earlier - LEVEL ? "falling" : last > earlier + LEVEL ? "rising" : "level",
  };
}
