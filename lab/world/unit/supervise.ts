import type { Clock } from "../../../runtime/clock.ts";
import type { UnitDefinition, UnitView } from "../host.ts";
import type { Launch, LaunchedProcess, ProcessExit, UnitMessage } from "../launch.ts";
import { describeExit, isClean, shouldRestart } from "../restart-policy.ts";
import { START_WITHIN_MS } from "../timings.ts";
import type { UnitConfig } from "../unit-config.ts";
import type { StartLimit } from "./start-limit.ts";
import type { UnitStatus } from "./status.ts";

/** A unit's process, and what is known of those before it. */
export interface Supervised {
  readonly definition: UnitDefinition;
  readonly clock: Clock;
  readonly launch: Launch;
  readonly onMessage: ((unit: string, message: UnitMessage) => void) | undefined;
  readonly status: UnitStatus;
  readonly starts: StartLimit;
  /** The configuration of its next start. */
  config: UnitConfig;
  /** Set exactly while there is a process; its identity tells late events of an earlier process apart. */
  run: { process?: LaunchedProcess } | undefined;
  lastExit: UnitView["lastExit"];
  /** Automatic restarts, ever. */
  restarts: number;
  startAfterStop: boolean;
  /** Stopped for good. */
  retired: boolean;
}

/** Launches the unit's process. */
export function begin(unit: Supervised, reason: string): void {
  const { definition, status, starts, config } = unit;
  starts.count();
  status.enter("activating", reason);
  killAfter(unit, definition.startTimeoutMs ?? START_WITHIN_MS);
  const mine: { process?: LaunchedProcess } = {};
  unit.run = mine;
  mine.process = unit.launch(
    { unit: definition.name, program: definition.program, config, keys: definition.keys ?? [] },
    {
      message(message) {
        if (unit.run !== mine) return;
        if (message.type === "ready" && status.state === "activating") status.enter("active", "ready");
        status.flush();
        unit.onMessage?.(definition.name, message);
      },
      exit(exit) {
        if (unit.run !== mine) return;
        unit.run = undefined;
        unit.lastExit = { ...exit, at: unit.clock.wall() };
        ended(unit, exit);
        status.flush();
      },
    },
  );
}

/** Asks the unit's process to end, and kills it after `graceMs`. */
export function beginStop(unit: Supervised, reason: string, graceMs: number): void {
  unit.status.enter("deactivating", reason);
  killAfter(unit, graceMs);
  unit.run?.process?.signal("SIGTERM");
}

/** Kills the process when the unit's state is the same then. */
export function killAfter(unit: Supervised, ms: number): void {
  unit.status.wait(ms, () => unit.run?.process?.signal("SIGKILL"));
}

function ended(unit: Supervised, exit: ProcessExit): void {
  const { definition, status } = unit;
  const { restart: policy } = definition;
  const how = describeExit(exit);
  if (status.state === "deactivating") {
    if (unit.startAfterStop) begin(unit, "restart requested");
    else if (isClean(exit)) status.enter("inactive", "stop requested");
    else status.enter("failed", `${how} while stopping`);
    return;
  }
  const early = status.state === "activating";
  const failed = early || !isClean(exit);
  const why = early && exit.error === undefined ? `${how} before it was ready` : how;
  if (shouldRestart(policy, failed)) {
    status.enter("auto-restart", why);
    status.wait(policy.delayMs, () => startAgain(unit));
  } else status.enter(failed ? "failed" : "inactive", why);
}

function startAgain(unit: Supervised): void {
  const { definition, status, starts } = unit;
  if (starts.isHit) {
    const interval = `${definition.restart.startLimit.intervalMs / 1000} s`;
    status.enter("failed", `start limit hit: ${starts.recent} starts in ${interval}`);
    return;
  }
  unit.restarts += 1;
  begin(unit, "automatic restart");
}
