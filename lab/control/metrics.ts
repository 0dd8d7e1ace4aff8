import { createMetricRegistry, type MetricRegistry } from "../../runtime/metrics/registry.ts";
import { CHANGE_KINDS } from "../world/change-entry.ts";
import { type Sight } from "../world/world.ts";

const STATES = ["inactive", "activating", "active", "deactivating", "auto-restart", "failed"];

/** The supervisor's own metrics: units and changes. */
export function labMetrics(sight: Pick<Sight, "units" | "changes">): MetricRegistry {
  // Made afresh for each scrape: the units and the change log are the state, a second copy could only disagree.
  const registry = createMetricRegistry();
  const state = registry.gauge("unit_state", "1 for the state a unit is in", "unit", "state");
  const restarts = registry.counter("unit_restarts_total", "Automatic restarts of a unit", "unit");
  const backendRestarts = registry.counter(
    "backend_restarts_total",
    "Automatic restarts of a backend",
    "backend",
  );
  const changes = registry.counter("change_total", "Entries of the change log", "kind");
  for (const unit of sight.units()) {
    for (const name of STATES) state.of(unit.name, name).value = unit.state === name ? 1 : 0;
    restarts.of(unit.name).value = unit.restarts;
    if (unit.program === "backend") backendRestarts.of(unit.name).value = unit.restarts;
  }
  // From zero: a series that appears with its first change would show no increase.
  for (const kind of CHANGE_KINDS) changes.of(kind);
  for (const { kind } of sight.changes()) changes.of(kind).value += 1;
  return registry;
}
