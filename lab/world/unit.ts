import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Launch, LaunchedProcess, ProcessExit, UnitMessage } from "./launch.ts";
import { describeExit, isClean, shouldRestart } from "./restart-policy.ts";
import { START_WITHIN_MS } from "./timings.ts";
import { changeConfig } from "./unit-config.ts";
import type { Unit, UnitDefinition, UnitEvent, UnitResult, UnitState, UnitView } from "./host.ts";

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
  const { name, restart: policy } = definition;
  let state: UnitState = "inactive";
  let reason = "not started yet";
  let since = clock.wall();
  let enabled = definition.enabled;
  let config = definition.config;
  let restarts = 0;
  let lastExit: UnitView["lastExit"];
  let retired = false;
  let startAfterStop = false;
  let starts: number[] = [];
  // Set exactly while there is a process; its identity tells late events of an earlier process apart.
  let run: { process?: LaunchedProcess } | undefined;
  // A state waits for one thing at most, and leaving it ends the wait.
  let timer: { readonly due: number; readonly cancel: Cancel } | undefined;
  const outbox: UnitEvent[] = [];
  const waiters: (() => void)[] = [];
  let flushing = false;

  function enter(to: UnitState, why: string) {
    timer?.cancel();
    timer = undefined;
    reason = why;
    since = clock.wall();
    outbox.push({ unit: name, from: state, to, reason: why, at: since });
    state = to;
  }

  function wait(ms: number, then: () => void) {
    timer?.cancel();
    timer = { due: clock.now() + ms, cancel: clock.after(ms, () => (then(), flush())) };
  }

  /** Watchers are notified last, when the unit is consistent again: they may operate it from inside the call. */
  function flush() {
    if (flushing) return;
    flushing = true;
    try {
      for (;;) {
        const event = outbox.shift();
        const waiter = event || !isSettled(state) ? undefined : waiters.shift();
        if (event) onEvent(event);
        else if (waiter) waiter();
        else return;
      }
    } finally {
      flushing = false;
    }
  }

  function done(ok: boolean, message: string): UnitResult {
    flush();
    return { ok, message };
  }

  function begin(why: string) {
    const now = clock.now();
    starts = [...starts.filter((at) => now - at < policy.startLimit.intervalMs), now];
    enter("activating", why);
    const startTimeoutMs = definition.startTimeoutMs ?? START_WITHIN_MS;
    wait(startTimeoutMs, () => run?.process?.signal("SIGKILL"));
    const mine: { process?: LaunchedProcess } = {};
    run = mine;
    mine.process = launch(
      { unit: name, program: definition.program, config, keys: definition.keys ?? [] },
      {
        message(message) {
          if (run !== mine) return;
          if (message.type === "ready" && state === "activating") enter("active", "ready");
          flush();
          onMessage?.(name, message);
        },
        exit(exit) {
          if (run !== mine) return;
          run = undefined;
          lastExit = { ...exit, at: clock.wall() };
          ended(exit);
          flush();
        },
      },
    );
  }

  function ended(exit: ProcessExit) {
    const how = describeExit(exit);
    if (state === "deactivating") {
      if (startAfterStop) begin("restart requested");
      else if (isClean(exit)) enter("inactive", "stop requested");
      else enter("failed", `${how} while stopping`);
      return;
    }
    const early = state === "activating";
    const failed = early || !isClean(exit);
    const why = early && exit.error === undefined ? `${how} before it was ready` : how;
    if (shouldRestart(policy, failed)) {
      enter("auto-restart", why);
      wait(policy.delayMs, startAgain);
    } else enter(failed ? "failed" : "inactive", why);
  }

  function startAgain() {
    const { burst, intervalMs } = policy.startLimit;
    const recent = starts.filter((at) => clock.now() - at < intervalMs).length;
    if (recent >= burst)
      return enter("failed", `start limit hit: ${recent} starts in ${seconds(intervalMs)}`);
    restarts += 1;
    begin("automatic restart");
  }

  function beginStop(why: string, graceMs: number) {
    enter("deactivating", why);
    wait(graceMs, () => run?.process?.signal("SIGKILL"));
    run?.process?.signal("SIGTERM");
  }

  function start(why: string): UnitResult {
    if (retired) return { ok: false, message: `${name} is going away and cannot be started` };
    if (state === "active" || state === "activating")
      return { ok: true, message: `${name} is already ${state}` };
    starts = [];
    if (state === "deactivating") {
      startAfterStop = true;
      return { ok: true, message: `${name} is stopping and will be started again after that` };
    }
    begin(why);
    return done(true, `started ${name}`);
  }

  function stop(why: string, graceMs: number): UnitResult {
    startAfterStop = false;
    if (state === "inactive" || state === "failed") return { ok: true, message: `${name} is not running` };
    if (state === "auto-restart") {
      enter("inactive", why);
      return done(true, `${name} will not be restarted`);
    }
    if (state === "deactivating") {
      if (timer && timer.due > clock.now() + graceMs) wait(graceMs, () => run?.process?.signal("SIGKILL"));
      return { ok: true, message: `${name} is already stopping` };
    }
    beginStop(why, graceMs);
    return done(true, `stopping ${name}`);
  }

  return {
    name,
    definition,
    get view() {
      const { description, program, owner } = definition;
      const pid = run?.process?.pid;
      return {
        name,
        description,
        program,
        owner,
        enabled,
        state,
        reason,
        since,
        pid,
        restarts,
        lastExit,
      };
    },
    get config() {
      return config;
    },
    start: () => start("start requested"),
    stop: () => stop("stop requested", definition.stopTimeoutMs),
    restart() {
      if (retired || (state !== "active" && state !== "activating")) return start("restart requested");
      starts = [];
      startAfterStop = true;
      beginStop("restart requested", definition.stopTimeoutMs);
      return done(true, `restarting ${name}`);
    },
    kill() {
      if (!run) return { ok: false, message: `${name} has no process` };
      const pid = run.process?.pid;
      run.process?.signal("SIGKILL");
      return done(true, `sent SIGKILL to ${name}${pid === undefined ? "" : ` (pid ${pid})`}`);
    },
    enable() {
      enabled = true;
      return { ok: true, message: `${name} is enabled: it starts with the machine` };
    },
    disable() {
      enabled = false;
      return { ok: true, message: `${name} is disabled: it does not start with the machine` };
    },
    configure(change) {
      const result = changeConfig(config, change);
      if (!result.ok) return { ok: false, message: `${name}: ${result.message}` };
      config = result.config;
      const what = Object.keys(change).join(", ");
      return {
        ok: true,
        message: `set ${what} of ${name}, in effect at its next start`,
        previous: result.previous,
      };
    },
    reload() {
      if (!run) return { ok: false, message: `${name} has no process` };
      run.process?.reload(config);
      return done(true, `asked ${name} to read its configuration again`);
    },
    resetFailed() {
      starts = [];
      if (state === "failed") enter("inactive", "failure forgiven");
      flush();
    },
    retire(graceMs = definition.stopTimeoutMs) {
      retired = true;
      stop("going away", Math.min(graceMs, definition.stopTimeoutMs));
    },
    onceSettled(run) {
      waiters.push(run);
      flush();
    },
  };
}

function isSettled(state: UnitState): boolean {
  return state !== "activating" && state !== "deactivating";
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
