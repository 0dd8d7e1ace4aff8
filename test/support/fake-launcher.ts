import type { Launch, LaunchRequest, ProcessEvents } from "../../lab/world/launch.ts";
import type { UnitConfig } from "../../lab/world/unit-config.ts";

/** One process of the fake launcher, which the test starts and ends. */
export interface FakeProcess {
  readonly pid: number;
  readonly request: LaunchRequest;
  readonly signals: string[];
  readonly reloads: UnitConfig[];
  readonly alive: boolean;
  ready(): void;
  say(type: string): void;
  exit(how: number | string): void;
}

export interface FakeLauncher {
  readonly launch: Launch;
  /** Every process ever, oldest first. */
  readonly processes: FakeProcess[];
  alive(unit?: string): FakeProcess[];
  /** The one process of a unit; fails the test when there is none, or more than one. */
  only(unit?: string): FakeProcess;
}

/** `obey`: a process ends at once by a signal, with that signal as its exit; otherwise only the test ends it. */
export function createFakeLauncher({ obey = false, readyAtOnce = false } = {}): FakeLauncher {
  const processes: FakeProcess[] = [];
  const alive = (unit?: string) =>
    processes.filter((one) => one.alive && (unit === undefined || one.request.unit === unit));
  return {
    processes,
    alive,
    only(unit) {
      const [one, ...others] = alive(unit);
      if (!one || others.length > 0)
        throw new Error(`${others.length + (one ? 1 : 0)} processes, expected one`);
      return one;
    },
    launch(request, events) {
      const process = createFakeProcess(request, events, 1000 + processes.length, obey);
      processes.push(process);
      if (readyAtOnce) queueMicrotask(() => process.ready());
      const signal = (name: "SIGTERM" | "SIGKILL") => process.signal(name);
      return { pid: process.pid, signal, reload: (config) => process.reloads.push(config) };
    },
  };
}

function createFakeProcess(request: LaunchRequest, events: ProcessEvents, pid: number, obey: boolean) {
  let alive = true;
  const process = {
    pid,
    request,
    signals: [] as string[],
    reloads: [] as UnitConfig[],
    get alive() {
      return alive;
    },
    ready: () => process.say("ready"),
    // Also after its end: its listeners must be gone.
    say: (type: string) => events.message({ type }),
    exit(how: number | string) {
      if (!alive) return;
      alive = false;
      const code = typeof how === "number" ? how : undefined;
      events.exit({ code, signal: typeof how === "string" ? how : undefined });
    },
    signal(name: "SIGTERM" | "SIGKILL") {
      if (!alive) return;
      process.signals.push(name);
      if (obey) process.exit(name === "SIGTERM" ? 0 : name);
    },
  };
  return process;
}
