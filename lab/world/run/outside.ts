import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import type { ConfigStore } from "../../../lb/config/store.ts";
import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import type { Host, UnitEvent } from "../host.ts";
import { isClean } from "../restart-policy.ts";
import { upstreamStates } from "../upstream-states.ts";
import type { OutsideStep } from "../world.ts";
import type { AdminClient } from "../admin-client.ts";
import { stepsBetween, type ForeignHolder, type OutsideView } from "./outside-view.ts";

/** Notices what others do to a lab, other than by its acts. */
export interface Outside {
  /** From here on until cancelled. */
  watch(run: (step: OutsideStep) => void): Cancel;
  /**
   * Changes of files and settings during `run` are the lab's own and are not reported; nor is the end of `unit`'s process, during it
   * and shortly after it. Another process that ends meanwhile was ended by others: what the lab stops is deactivating first.
   */
  own<T>(run: () => Promise<T>, unit?: string): Promise<T>;
}

export interface OutsideDeps {
  readonly clock: Clock;
  readonly host: Host;
  readonly admin: AdminClient;
  readonly store: ConfigStore;
  /** The balancer's file. */
  readonly configPath: string;
  /** The state letter of a unit's process (proc_pid_stat(5)); undefined when it cannot be known. */
  readonly stateOf: (pid: number) => string | undefined;
  /** Foreign programs on the lab's ports. */
  readonly foreign: () => Promise<readonly ForeignHolder[]>;
}

const LOOK_EVERY_MS = 1000;
/** Holders of ports are looked up only every third turn: that takes longer than all else. */
const PORTS_EVERY = 3;
/** A signal sent by the lab ends its process within this time. */
const OWN_EXIT_MS = 3000;

export function createOutside(deps: OutsideDeps): Outside {
  const { clock, host } = deps;
  let run: ((step: OutsideStep) => void) | undefined;
  let last: OutsideView | undefined;
  let busy = 0;
  let looking: Promise<void> | undefined;
  let turn = 0;
  /** By unit: until when the end of its process is attributed to the lab. */
  const ownUntil = new Map<string, number>();

  host.onEvent((event) => {
    if (!run || (ownUntil.get(event.unit) ?? 0) > clock.now()) return;
    const step = endOf(event);
    if (step) run(step);
  });

  /** The end of a process that the lab did not ask to end. One that exits with a status of its own has crashed by itself. */
  function endOf({ unit, from, to, reason }: UnitEvent): OutsideStep | undefined {
    if (from !== "active" || to === "deactivating") return undefined;
    const exit = host.unit(unit)?.view.lastExit;
    if (!exit || (exit.signal === undefined && !isClean(exit))) return undefined;
    const signal = exit.signal === undefined ? "-TERM" : `-${exit.signal.slice(3)}`;
    return { action: `kill ${signal} ${unit}`, subject: unit, by: "unknown", message: `${unit}: ${reason}` };
  }

  async function look(): Promise<void> {
    const now = await viewOf(deps, last, turn++ % PORTS_EVERY === 0);
    const before = last;
    // An act of the lab may have begun meanwhile: its effects are not reported.
    if (!run || busy > 0) return;
    last = now;
    if (before) for (const step of stepsBetween(before, now)) run?.(step);
  }

  /** One at a time; what cannot be read now is read the next time. */
  const lookOnce = (): Promise<void> =>
    (looking ??= look()
      .catch(() => {})
      .finally(() => (looking = undefined)));

  return {
    watch(given) {
      run = given;
      last = undefined;
      const stop = every(clock, LOOK_EVERY_MS, () => busy === 0 && void lookOnce());
      void lookOnce();
      return () => {
        stop();
        run = undefined;
      };
    },
    async own(act, unit) {
      // What changed until now was done by others.
      if (run && busy === 0) await lookOnce();
      busy += 1;
      if (unit !== undefined) ownUntil.set(unit, Infinity);
      try {
        return await act();
      } finally {
        busy -= 1;
        last = undefined;
        if (unit !== undefined) ownUntil.set(unit, clock.now() + OWN_EXIT_MS);
      }
    },
  };
}

async function viewOf(
  { host, admin, store, configPath, stateOf, foreign: findForeign }: OutsideDeps,
  before: OutsideView | undefined,
  withPorts: boolean,
): Promise<OutsideView> {
  const [inForce, pools] = await Promise.all([admin.inForce(), admin.pools()]);
  const file = fileOf(store, configPath, before);
  const units = host.units();
  const foreign = withPorts || !before ? await findForeign() : before.foreign;
  return {
    ...file,
    inForce,
    balancerPid: host.unit("balancer")?.view.pid,
    upstreams: pools && upstreamStates(pools),
    stopped: units.filter(({ pid }) => pid !== undefined && stateOf(pid) === "T").map(({ name }) => name),
    foreign,
  };
}

/** The store is read only when the text is new: reading it records an edit as a version. */
function fileOf(
  store: ConfigStore,
  path: string,
  before: OutsideView | undefined,
): Pick<OutsideView, "text" | "author" | "owner"> {
  try {
    const text = readFileSync(path, "utf8");
    const author = before?.text === text ? before.author : store.history().at(-1)?.author;
    return { text, author, owner: userOf(statSync(path).uid) };
  } catch {
    return { text: undefined, author: undefined, owner: undefined };
  }
}

/** Processes that hold ports of this machine's lab, other than its units and the supervisor. */
export async function foreignHolders(
  host: Pick<Host, "ports">,
  supervisorPid: number,
): Promise<ForeignHolder[]> {
  return (await host.ports()).flatMap(({ port, pid, program = "a process", unit }) =>
    pid === undefined || unit !== undefined || pid === supervisorPid
      ? []
      : [{ port, pid, program, user: ownerOf(pid) }],
  );
}

function ownerOf(pid: number): string {
  const found = statSync(`/proc/${pid}`, { throwIfNoEntry: false });
  return found ? userOf(found.uid) : "unknown";
}

function userOf(uid: number): string {
  const { uid: own, username } = userInfo();
  return uid === own ? username : `uid ${uid}`;
}
