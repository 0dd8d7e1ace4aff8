import type { Clock } from "../../../runtime/clock.ts";
import type { Unit, UnitDefinition, UnitEvent, UnitView } from "../host.ts";
import type { Launch, UnitMessage } from "../launch.ts";
import { changeConfig } from "../unit-config.ts";
import { kill, reload, resetFailed, restart, retire, start, stop } from "./operations.ts";
import { createStartLimit } from "./start-limit.ts";
import { createUnitStatus } from "./status.ts";
import type { Supervised } from "./supervise.ts";

export interface UnitDeps {
  readonly clock: Clock;
  readonly launch: Launch;
  readonly onEvent: (event: UnitEvent) => void;
  readonly onMessage?: (unit: string, message: UnitMessage) => void;
}

/** A unit that is not running yet. The same in every world: the process is what `launch` makes it. */
export function createUnit(
  definition: UnitDefinition,
  { clock, launch, onEvent, onMessage }: UnitDeps,
): Unit {
  const { name } = definition;
  let enabled = definition.enabled;
  const unit: Supervised = {
    definition,
    clock,
    launch,
    onMessage,
    status: createUnitStatus(name, { clock, onEvent }),
    starts: createStartLimit(definition.restart.startLimit, clock),
    config: definition.config,
    run: undefined,
    lastExit: undefined,
    restarts: 0,
    startAfterStop: false,
    retired: false,
  };

  return {
    name,
    definition,
    get view() {
      return viewOf(unit, enabled);
    },
    get config() {
      return unit.config;
    },
    start: () => start(unit, "start requested"),
    stop: () => stop(unit, "stop requested", definition.stopTimeoutMs),
    restart: () => restart(unit),
    kill: () => kill(unit),
    enable() {
      enabled = true;
      return { ok: true, message: `${name} is enabled: it starts with the machine` };
    },
    disable() {
      enabled = false;
      return { ok: true, message: `${name} is disabled: it does not start with the machine` };
    },
    configure(change) {
      const result = changeConfig(unit.config, change);
      if (!result.ok) return { ok: false, message: `${name}: ${result.message}` };
      unit.config = result.config;
      const what = Object.keys(change).join(", ");
      const message = `set ${what} of ${name}, in effect at its next start`;
      return { ok: true, message, previous: result.previous };
    },
    reload: () => reload(unit),
    resetFailed: () => resetFailed(unit),
    retire: (graceMs = definition.stopTimeoutMs) => retire(unit, graceMs),
    onceSettled: unit.status.onceSettled,
  };
}

function viewOf({ definition, status, run, restarts, lastExit }: Supervised, enabled: boolean): UnitView {
  const { name, description, program, owner } = definition;
  const { state, reason, since } = status;
  const pid = run?.process?.pid;
  return { name, description, program, owner, enabled, state, reason, since, pid, restarts, lastExit };
}
