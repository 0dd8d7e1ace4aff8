import { Counter, Gauge, Registry } from "prom-client";
import { CHANGE_KINDS, type Sight } from "../world/world.ts";

/** The supervisor's own metrics, in Prometheus' text format. */
export const metricsText = (sight: Sight): Promise<string> => labMetrics(sight).metrics();

/** The supervisor's own metrics: units and changes. */
export function labMetrics(sight: Sight): Registry {
  // Made afresh for each scrape: the units and the change log are the state, a second copy could only disagree.
  const registry = new Registry();
  const registers = [registry];
  const state = new Gauge({
    name: "unit_state",
    help: "1 for the state a unit is in",
    labelNames: ["unit", "state"],
    registers,
  });
  const restarts = new Counter({
    name: "unit_restarts_total",
    help: "Automatic restarts of a unit",
    labelNames: ["unit"],
    registers,
  });
  const backendRestarts = new Counter({
    name: "backend_restarts_total",
    help: "Automatic restarts of a backend",
    labelNames: ["backend"],
    registers,
  });
  const changes = new Counter({
    name: "change_total",
    help: "Entries of the change log",
    labelNames: ["kind"],
    registers,
  });
  for (const unit of sight.units()) {
    for (const name of ["inactive", "activating", "active", "deactivating", "auto-restart", "failed"])
      state.set({ unit: unit.name, state: name }, unit.state === name ? 1 : 0);
    restarts.inc({ unit: unit.name }, unit.restarts);
    if (unit.program === "backend") backendRestarts.inc({ backend: unit.name }, unit.restarts);
  }
  // From nothing, or a first change would be no increase of a series that was not there before.
  for (const kind of CHANGE_KINDS) changes.inc({ kind }, 0);
  for (const { kind } of sight.changes()) changes.inc({ kind });
  return registry;
}
