import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import type { Host, Unit } from "../host.ts";

export interface InstrumentWatchDeps {
  readonly clock: Clock;
  readonly host: Pick<Host, "units" | "unit" | "onMessage">;
  /** The state letter of a process (proc_pid_stat(5)); undefined when it is unknown. */
  readonly stateOf: (pid: number) => string | undefined;
  /** Calls back when this process goes on after it was stopped by a signal (SIGCONT). */
  readonly onContinued: (run: () => void) => Cancel;
  readonly report: (reason: string) => void;
}

const LOOK_EVERY_MS = 500;
/** A process is reported when it was seen stopped this many times in a row. */
const STOPPED_LOOKS = 2;
/**
 * A process without a message for so many looks hangs. Looks are this process's own turns, so that on a machine that is too
 * busy for both, or asleep, nothing is reported.
 */
const SILENT_LOOKS = 24;
/** A longer pause of this process can have been caused by a signal. */
const PAUSE_MS = 1500;

interface Seen {
  pid: number | undefined;
  silent: number;
  stopped: number;
}

/**
 * Watches the instruments: to its unit, a stopped process looks like one that runs. One that is stopped or hangs is reported,
 * and killed so that its unit restarts it. Reports, too, when this process itself was stopped.
 */
export function watchInstruments(deps: InstrumentWatchDeps): Cancel {
  const { clock, host, stateOf, onContinued, report } = deps;
  const seen = new Map<string, Seen>();
  const cancels: Cancel[] = [];
  let lastLook = clock.now();
  let longestPause = { ms: 0, until: 0 };

  const instruments = (): Unit[] =>
    host.units().flatMap(({ name, state }) => {
      const unit = host.unit(name);
      return unit?.definition.outside === true && state === "active" ? [unit] : [];
    });

  function follow(name: string): Seen {
    const fresh: Seen = { pid: undefined, silent: 0, stopped: 0 };
    seen.set(name, fresh);
    cancels.push(host.onMessage(name, () => void (fresh.silent = 0)));
    return fresh;
  }

  function look(): void {
    const now = clock.now();
    const pause = now - lastLook;
    if (pause > longestPause.ms || now > longestPause.until)
      longestPause = { ms: pause, until: now + PAUSE_MS };
    lastLook = now;
    for (const unit of instruments()) {
      const { pid } = unit.view;
      const one = seen.get(unit.name) ?? follow(unit.name);
      if (pid !== one.pid) Object.assign(one, { pid, silent: 0, stopped: 0 });
      if (pid === undefined) continue;
      one.silent += 1;
      const state = stateOf(pid);
      one.stopped = state === "T" || state === "t" ? one.stopped + 1 : 0;
      if (one.stopped >= STOPPED_LOOKS) trouble(unit, `was stopped by a signal (pid ${pid})`);
      else if (one.silent >= SILENT_LOOKS && one.stopped === 0)
        trouble(unit, `does not answer any more (pid ${pid})`);
    }
  }

  function trouble(unit: Unit, what: string): void {
    seen.delete(unit.name);
    report(`${unit.name} ${what}: without it users cannot be judged`);
    unit.kill();
  }

  cancels.push(
    every(clock, LOOK_EVERY_MS, look),
    onContinued(() => {
      const ms = Math.max(clock.now() - lastLook, longestPause.ms);
      if (ms >= PAUSE_MS) report(`the lab itself was stopped by a signal, for ${(ms / 1000).toFixed(1)} s`);
    }),
  );
  return () => cancels.forEach((cancel) => cancel());
}
