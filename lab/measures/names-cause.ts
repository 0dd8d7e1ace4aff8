import type { Scenario } from "../../scenarios/scenario.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { Suspicion } from "./measure.ts";

export interface Facts {
  readonly scenario: Pick<Scenario, "diagnosis">;
  readonly changes: readonly ChangeEntry[];
  /** When the incident's change was made, epoch ms; null: it was not. */
  readonly changedAt: number | null;
}

/** Mechanisms that what is out of the usual of an upstream points at. */
const SYMPTOMS: Readonly<Record<"share" | "failures", readonly string[]>> = {
  share: ["traffic-skewed", "single-target", "pool-throttled"],
  failures: ["stale-upstreams"],
};

/** True for a suspicion that names the guilty change, upstream or unit: whoever reads it has found the cause. */
export function namesCause(
  { change, upstream, unit }: Suspicion,
  { scenario, changes, changedAt }: Facts,
): boolean {
  if (changedAt === null) return false;
  const { accepted } = scenario.diagnosis;
  const components = new Set(accepted.map(({ component }) => component));
  const entry = changes.find(({ id }) => id === change);
  // Every push of a configuration since carries the faulty part; what was restarted or given back is innocent.
  const isGuilty =
    entry !== undefined &&
    (entry.kind === "config" || entry.kind === "package") &&
    Date.parse(entry.at) >= changedAt;
  // A server that fails because it gets too much is a false lead, and so is a share where servers are dead.
  const isSymptom = (by: "share" | "failures"): boolean =>
    accepted.some(({ mechanism }) => SYMPTOMS[by].includes(mechanism));
  return (
    isGuilty ||
    (upstream !== undefined &&
      isSymptom(upstream.by) &&
      (components.has(upstream.pool) || components.has(upstream.name))) ||
    (unit !== undefined && components.has(unit))
  );
}
