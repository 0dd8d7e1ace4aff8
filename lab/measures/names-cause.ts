import type { Scenario } from "../../scenarios/scenario.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { Suspicion } from "./measure.ts";

export interface Facts {
  readonly scenario: Pick<Scenario, "diagnosis">;
  readonly changes: readonly ChangeEntry[];
  /** When the incident's change was made, epoch ms; null: it was not. */
  readonly changedAt: number | null;
}

/** True for a suspicion that names the guilty change, upstream or unit: whoever reads it has found the cause. */
export function namesCause(
  { change, upstream, unit }: Suspicion,
  { scenario, changes, changedAt }: Facts,
): boolean {
  if (changedAt === null) return false;
  const components = new Set(scenario.diagnosis.accepted.map(({ component }) => component));
  const entry = changes.find(({ id }) => id === change);
  // Every push of a configuration since carries the faulty part; what was restarted or given back is innocent.
  const isGuilty =
    entry !== undefined &&
    (entry.kind === "config" || entry.kind === "package") &&
    Date.parse(entry.at) >= changedAt;
  return (
    isGuilty ||
    (upstream !== undefined && (components.has(upstream.pool) || components.has(upstream.name))) ||
    (unit !== undefined && components.has(unit))
  );
}
