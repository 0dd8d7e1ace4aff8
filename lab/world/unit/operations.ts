import type { UnitResult } from "../host.ts";
import { begin, beginStop, killAfter, type Supervised } from "./supervise.ts";

/** Starts the unit; one that stops is started after that. */
export function start(unit: Supervised, reason: string): UnitResult {
  const { name } = unit.definition;
  const { state } = unit.status;
  if (unit.retired) return { ok: false, message: `${name} is going away and cannot be started` };
  if (state === "active" || state === "activating")
    return { ok: true, message: `${name} is already ${state}` };
  unit.starts.reset();
  if (state === "deactivating") {
    unit.startAfterStop = true;
    return { ok: true, message: `${name} is stopping and will be started again after that` };
  }
  begin(unit, reason);
  return done(unit, `started ${name}`);
}

/** Stops the unit: SIGKILL comes after `graceMs`, or sooner when an earlier stop said so. */
export function stop(unit: Supervised, reason: string, graceMs: number): UnitResult {
  const { definition, status, clock } = unit;
  const { name } = definition;
  unit.startAfterStop = false;
  switch (status.state) {
    case "inactive":
    case "failed":
      return { ok: true, message: `${name} is not running` };
    case "auto-restart":
      status.enter("inactive", reason);
      return done(unit, `${name} will not be restarted`);
    case "deactivating":
      if (status.due !== undefined && status.due > clock.now() + graceMs) killAfter(unit, graceMs);
      return { ok: true, message: `${name} is already stopping` };
    default:
      beginStop(unit, reason, graceMs);
      return done(unit, `stopping ${name}`);
  }
}

/** Stops a unit that runs and starts it again; starts one that does not. */
export function restart(unit: Supervised): UnitResult {
  const { definition, status } = unit;
  if (unit.retired || (status.state !== "active" && status.state !== "activating"))
    return start(unit, "restart requested");
  unit.starts.reset();
  unit.startAfterStop = true;
  beginStop(unit, "restart requested", definition.stopTimeoutMs);
  return done(unit, `restarting ${definition.name}`);
}

/** SIGKILL as from outside: the restart policy decides what follows. */
export function kill(unit: Supervised): UnitResult {
  const { name } = unit.definition;
  if (!unit.run) return { ok: false, message: `${name} has no process` };
  const pid = unit.run.process?.pid;
  unit.run.process?.signal("SIGKILL");
  return done(unit, `sent SIGKILL to ${name}${pid === undefined ? "" : ` (pid ${pid})`}`);
}

/** Has the running process read its changed configuration (SIGHUP). */
export function reload(unit: Supervised): UnitResult {
  const { name } = unit.definition;
  if (!unit.run) return { ok: false, message: `${name} has no process` };
  unit.run.process?.reload(unit.config);
  return done(unit, `asked ${name} to read its configuration again`);
}

/** Failed becomes inactive, and the start limit counts from zero. */
export function resetFailed({ starts, status }: Supervised): void {
  starts.reset();
  if (status.state === "failed") status.enter("inactive", "failure forgiven");
  status.flush();
}

/** Stops for good: every later start is refused. */
export function retire(unit: Supervised, graceMs: number): void {
  unit.retired = true;
  stop(unit, "going away", Math.min(graceMs, unit.definition.stopTimeoutMs));
}

function done({ status }: Supervised, message: string): UnitResult {
  status.flush();
  return { ok: true, message };
}
