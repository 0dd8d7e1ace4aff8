import { createImpactTally, type ImpactEvidence } from "../../lab/judge/impact.ts";
import { createTraffic } from "../../lab/judge/traffic.ts";
import type { WindowSummary } from "../../lab/judge/window.ts";
import type { ProbeRecord } from "../../lab/probe/record.ts";
import { createWindows } from "../../lab/probe/windows.ts";

interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly users: number;
}

/** What the judge sees of these requests in a window, without any before it. */
export function judged(records: readonly ProbeRecord[], { from, to, users }: Bounds): WindowSummary {
  const traffic = createTraffic({ users });
  traffic.probed({ type: "probe", at: to, records, openSince: [] });
  return traffic.window(from, to);
}

/** What an impact comes to that lasts from the first of these requests to the end of the bounds. */
export function impactOf(
  records: readonly ProbeRecord[],
  { from, to, users }: Bounds,
): Pick<ImpactEvidence, "whole" | "people"> {
  const windows = createWindows({ users, keepMs: Infinity });
  const tally = createImpactTally({ users });
  windows.add([...records].sort((a, b) => a.sentAt - b.sentAt));
  for (const window of windows.settle(to, true)) tally.add(window);
  return { whole: tally.summed(from, to), people: tally.people };
}
