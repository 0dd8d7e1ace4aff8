import type { Scenario } from "../../scenarios/scenario.ts";
import type { DrillState } from "./state.ts";

/** A glance refutes a false lead, and is good work; what is longer follows it. */
const GLANCE_MS = 20_000;

/**
 * Time from each look at or act on a false lead's subject to the next look or act, over the time of the incident, less a
 * glance for each look.
 */
export function falseLeadMinutes(
  { looks, acts, wellSince, endingAt }: DrillState,
  { falseLeads }: Scenario,
): number {
  const misleading = new Set(falseLeads.flatMap(({ subjects }) => subjects));
  const end = wellSince ?? endingAt ?? looks.at(-1)?.at ?? 0;
  let ms = 0;
  looks.forEach(({ at, subject }, i) => {
    if (!misleading.has(subject)) return;
    const glance = acts.some((act) => act.own && act.at === at) ? 0 : GLANCE_MS;
    ms += Math.max(0, Math.min(looks[i + 1]?.at ?? end, end) - at - glance);
  });
  return Math.round(ms / 6000) / 10;
}
