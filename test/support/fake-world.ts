import { every } from "../../runtime/clock.ts";
import { createSubscribers } from "../../runtime/subscribers.ts";
import type { Action } from "../../scenarios/action.ts";
import type { ActiveAlert } from "../../lab/observe/alert-log.ts";
import type { Notification } from "../../lab/observe/pager/notification.ts";
import type { LoadReport, ProbeRecord, ProbeReport } from "../../lab/probe/record.ts";
import type { AccessBatch } from "../../lab/world/access-record.ts";
import type { UnitEvent, UnitView } from "../../lab/world/host.ts";
import { createChangeGates } from "../../lab/world/change-gate.ts";
import { createMonitoring, type AlertFeed, type Monitoring } from "../../lab/world/monitoring.ts";
import type { ActionResult } from "../../lab/world/action-result.ts";
import type { ChangeEntry } from "../../lab/world/change-entry.ts";
import type { OutsideStep, PoolStatus, Snapshot, World } from "../../lab/world/world.ts";
import type { ManualClock } from "./manual-clock.ts";
import { probed } from "./probe-record.ts";

/** The result of a user's request; undefined: it hangs. */
export type Mood = (user: number) => Partial<ProbeRecord> | undefined;

export const WELL: Mood = (user) => ({ backend: `web-${(user % 5) + 1}` });
/** Every third user gets 503, always. */
export const SICK: Mood = (user) =>
  user % 3 === 0 ? { result: "status", status: 503, backend: "web-1" } : WELL(user);
export const SLOW: Mood = (user) => ({ ...WELL(user), durationMs: 600 });
export const HANGING: Mood = () => undefined;

/** A world without processes: the test decides the results of users' requests and of actions. */
export interface FakeWorld extends World {
  mood: Mood;
  /** Requests a second of the load; undefined: it does not report. */
  loadPerSecond: number | undefined;
  probing: boolean;
  /** What was done to it, in order. */
  readonly calls: string[];
  /** What an action does; nothing by default. */
  onAct: (step: Action) => Promise<ActionResult>;
  onReboot: () => Promise<void>;
  onStart: () => Promise<void>;
  onRestore: () => Promise<void>;
  state: Snapshot;
  /** Texts of the balancer's configuration, oldest first; the last one is the file. Empty: it cannot be read. */
  versions: string[];
  /** Something is done past the lab. */
  outside: (step: OutsideStep) => void;
  /** An instrument was touched, with the reason. */
  tamper: (reason: string) => void;
  /** The reasons about foreign processes. */
  others: readonly string[];
  units: readonly UnitView[];
  /** Something happens in it. */
  readonly emitUnit: (event: UnitEvent) => void;
  readonly emitChange: (entry: ChangeEntry) => void;
  readonly emitRequests: (batch: AccessBatch) => void;
  /** Subscriptions to its users, units, changes and requests. */
  readonly listening: number;
  /** The balancer's view of its pools; undefined: it does not answer. */
  pools: readonly PoolStatus[] | undefined;
  /** The test is its evaluator and its pager, too. */
  readonly monitoring: Monitoring & AlertFeed;
}

const REPORT_MS = 250;
const USERS = 500;
/** 500 users, each every 5 s. */
const PER_REPORT = 25;

export function createFakeWorld(clock: ManualClock): FakeWorld {
  const probes = createSubscribers<ProbeReport>();
  const loads = createSubscribers<LoadReport>();
  const unitEvents = createSubscribers<UnitEvent>();
  const changes = createSubscribers<ChangeEntry>();
  const requests = createSubscribers<AccessBatch>();
  const open: { readonly sentAt: number; readonly user: number }[] = [];
  const rule = createFailureAlert(clock);
  let reportedOf: number | undefined;
  let turn = 0;
  let reports = 0;
  let sent = 0;
  const refused = (): never => {
    throw new Error("no test needs this");
  };
  const gates = createChangeGates();
  const world: FakeWorld = {
    clock,
    mood: WELL,
    loadPerSecond: 100,
    probing: true,
    calls: [],
    onAct: async () => ({ ok: true, message: "done" }),
    onReboot: async () => {},
    onStart: async () => {},
    onRestore: async () => {},
    state: { config: "version 1", units: {}, upstreams: {}, packages: [] },
    versions: [],
    outside: () => {},
    watchOutside(run) {
      world.outside = run;
      return () => (world.outside = () => {});
    },
    tamper: () => {},
    watchInstruments(run) {
      world.tamper = run;
      return () => (world.tamper = () => {});
    },
    others: [],
    foreignPrograms: async () => world.others,
    units: [],
    pools: undefined,
    async start() {
      world.calls.push("start");
      await world.onStart();
      every(clock, REPORT_MS, report);
    },
    sight: {
      units: () => world.units,
      unitConfig: refused,
      logs: refused,
      async config(version = world.versions.length) {
        const yaml = world.versions[version - 1];
        return yaml === undefined ? refused() : { version, yaml };
      },
      configHistory: async () =>
        world.versions.map((_, i) => ({ version: i + 1, at: "", author: "", reason: "" })),
      changes: () => [
        {
          id: "c1",
          at: "2026-01-01T00:00:00.000Z",
          kind: "deploy",
          by: "somebody",
          summary: "a release",
          subjects: ["web-4"],
          detail: "",
        },
      ],
      ports: refused,
      pools: async () => world.pools,
      metrics: refused,
    },
    monitoring: createMonitoring({
      clock,
      query: refused,
      silence: refused,
      silences: refused,
      expireSilence: refused,
    }),
    stage: {
      pushConfig: refused,
      installPackage: refused,
      deploy: refused,
      tune: refused,
      restart: refused,
      retire: refused,
    },
    checkConfig: refused,
    async act(step) {
      world.calls.push(`act ${step.do}`);
      const result = await world.onAct(step);
      world.calls.push(`acted ${step.do}`);
      return result;
    },
    guardChanges: gates.guard,
    admit: (step, by) => gates.before({ kind: "config", by, summary: step.do, subjects: [], isAct: true }),
    onProbe: probes.add,
    onLoad: loads.add,
    onUnit: unitEvents.add,
    onChange: changes.add,
    onRequests: requests.add,
    emitUnit: unitEvents.emit,
    emitChange: changes.emit,
    emitRequests: requests.emit,
    get listening() {
      return probes.size + loads.size + unitEvents.size + changes.size + requests.size;
    },
    async reboot() {
      world.calls.push("reboot");
      await world.onReboot();
    },
    snapshot: async () => world.state,
    async restore() {
      world.calls.push("restore");
      await world.onRestore();
    },
    stop: async () => {},
  };

  function report(): void {
    const at = clock.wall();
    if (world.probing) {
      const records: ProbeRecord[] = [];
      for (let i = 0; i < PER_REPORT; i++) {
        const sentAt = at - REPORT_MS + i * (REPORT_MS / PER_REPORT);
        const user = turn++ % USERS;
        const came = world.mood(user);
        if (came) records.push(probed({ sentAt, user, ...came }));
        else open.push({ sentAt, user });
      }
      // A request that hangs is given up after 8 s.
      const gaveUp = open.filter(({ sentAt }) => sentAt <= at - 8000);
      open.splice(0, gaveUp.length);
      for (const who of gaveUp)
        records.push(probed({ ...who, result: "timeout", status: undefined, backend: undefined }));
      probes.emit({ type: "probe", at, records, openSince: open.map(({ sentAt }) => sentAt) });
      const alert = rule(records, open.length);
      world.monitoring.active(alert ? [alert] : []);
      if (alert?.state === "firing" && alert.activeAt !== reportedOf) {
        reportedOf = alert.activeAt;
        world.monitoring.notified(notificationOf(alert));
      }
    }
    if (world.loadPerSecond !== undefined && ++reports % 4 === 0) {
      sent += world.loadPerSecond;
      loads.emit({ type: "load", at, sent, answered: sent, failed: 0 });
    }
  }
  return world;
}

const PENDING_MS = 3000;

/** The evaluator's part: an alert while more than a twentieth of the last report's requests fail or hang. */
function createFailureAlert(clock: ManualClock) {
  let activeAt: number | undefined;
  return (records: readonly ProbeRecord[], hanging: number): ActiveAlert | undefined => {
    const failed = records.filter(({ result }) => result !== "ok").length + Math.min(PER_REPORT, hanging);
    if (failed <= PER_REPORT / 20) activeAt = undefined;
    else activeAt ??= clock.wall();
    if (activeAt === undefined) return undefined;
    const firedAt = clock.wall() - activeAt < PENDING_MS ? undefined : activeAt + PENDING_MS;
    return {
      name: "HighFailureRatio",
      labels: { alertname: "HighFailureRatio", severity: "page" },
      annotations: { summary: `${failed} of the last ${PER_REPORT} requests failed` },
      state: firedAt === undefined ? "pending" : "firing",
      value: failed / PER_REPORT,
      activeAt,
      firedAt,
      suppressed: undefined,
    };
  };
}

function notificationOf({ labels, annotations, activeAt }: ActiveAlert): Notification {
  const alert = {
    status: "firing",
    labels,
    annotations,
    startsAt: new Date(activeAt).toISOString(),
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "",
    fingerprint: "",
  } as const;
  const group = { groupKey: "", groupLabels: {}, commonLabels: labels, commonAnnotations: annotations };
  const rest = { truncatedAlerts: 0, receiver: "lab", externalURL: "" };
  return { version: "4", status: "firing", ...group, ...rest, alerts: [alert] };
}

/** Moves the clock on in steps in which everything that waits for a promise gets its turn. */
export async function pass(clock: ManualClock, ms: number): Promise<void> {
  await settled();
  for (let passed = 0; passed < ms; passed += REPORT_MS) {
    clock.advance(REPORT_MS);
    await settled();
  }
}

/** Everything that only waits for promises has had its turn. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
