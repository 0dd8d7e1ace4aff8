import type { Cancel } from "../../runtime/clock.ts";
import { createSubscribers } from "../../runtime/subscribers.ts";
import type { LoadReport, ProbeRecord, ProbeReport } from "../probe/record.ts";
import { createWindows, type AffectedUsers, type SettledWindow } from "../probe/windows.ts";
import type { OfferedLoad } from "./offered.ts";
import { createLoadSent, rate, reportedUntil } from "./load-sent.ts";
import { createStreaks, type Fates } from "./streaks.ts";
import { slowestP95, summarise, type WindowSummary } from "./window.ts";

/** A window of 10 s, or less, as a whole run's charts and sums keep it. */
export interface WindowNote {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly requests: number;
  readonly failed: number;
  readonly affectedRatio: number;
  /** See `slowestP95`. */
  readonly p95Ms: number | undefined;
  /** By prober and load together. */
  readonly requestsPerSecond: number;
  /** Answers by the backend that gave them, failed ones included. */
  readonly answeredBy: Readonly<Record<string, number>>;
}

/** The prober's and the load's reports, kept by the second, from which every window is taken. Times are epoch ms. */
export interface Traffic {
  probed(report: ProbeReport): void;
  loaded(report: LoadReport): void;
  /** Requests of the prober that were sent from `from` on and before `to`, as far as they have ended. */
  records(from: number, to: number): readonly ProbeRecord[];
  /** Sums up users' requests between two moments of the last minutes. */
  window(from: number, to: number): WindowSummary;
  /** Reads which users are affected between two moments of the last minutes. */
  affected<T>(from: number, to: number, read: (users: AffectedUsers) => T): T;
  /** Ends a window and begins another at this moment: either side is counted apart. */
  cut(at: number): void;
  /** Settles windows of 10 s that end by then, all of whose requests have an outcome. With `all` the rest, too. */
  settle(until: number, all?: boolean): void;
  onSettled(run: (window: SettledWindow) => void): Cancel;
  /** Every window since the beginning, up to `until`: those that are not settled as far as their requests have ended. */
  notes(until: number): readonly WindowNote[];
  /** Requests sent between the two moments that have no answer yet. */
  unanswered(from: number, to: number): number;
  /** Requests a second that the prober and the load sent, together. */
  offered(from: number, to: number): number;
  /** The same without logins, by source. An open request counts as a user's. */
  offeredBy(from: number, to: number): OfferedLoad;
  /** Users by the outcomes of their requests to each route that were sent after a moment. */
  fatesSince(since: number): Fates;
  /** When the prober last reported. */
  readonly lastReportAt: number;
}

/** A check looks back this far, and an impact's first failure lies not longer back. */
const KEEP_MS = 600_000;

export function createTraffic({ users }: { readonly users: number }): Traffic {
  const windows = createWindows({ users, keepMs: KEEP_MS });
  const streaks = createStreaks(users);
  const settled: WindowNote[] = [];
  const settling = createSubscribers<SettledWindow>();
  const load = createLoadSent();
  let openSince: readonly number[] = [];
  let lastReportAt = 0;

  const { records, affected, cut } = windows;
  const noted = (window: SettledWindow): WindowNote => noteOf(window, load.rate(window.from, window.to));
  const unanswered = (from: number, to: number): number =>
    openSince.filter((at) => at >= from && at < to).length;

  return {
    probed(report) {
      openSince = report.openSince;
      windows.add(report.records);
      streaks.add(report.records);
      lastReportAt = Math.max(lastReportAt, report.at);
    },
    loaded: load.add,
    records,
    window: (from, to) =>
      summarise(records(from, to), { from, to, affectedRatio: affected(from, to, ({ ratio }) => ratio) }),
    affected,
    cut,
    settle(until, all) {
      for (const window of windows.settle(until, all)) {
        settled.push(noted(window));
        settling.emit(window);
      }
    },
    onSettled: settling.add,
    notes: (until) => [...settled, ...windows.pending(until).map(noted)].filter(({ to }) => to <= until),
    unanswered,
    offered(from, to) {
      const probeUntil = reportedUntil(lastReportAt, from, to);
      const probe = records(from, probeUntil).length + unanswered(from, probeUntil);
      return rate(probe, from, probeUntil) + load.rate(from, to);
    },
    offeredBy(from, to) {
      const probeUntil = reportedUntil(lastReportAt, from, to);
      let users = unanswered(from, probeUntil);
      let api = 0;
      for (const { route } of records(from, probeUntil)) {
        if (route === "api") api++;
        else if (route !== "login") users++;
      }
      return {
        users: rate(users, from, probeUntil),
        load: load.rate(from, to),
        api: rate(api, from, probeUntil),
      };
    },
    fatesSince: (since) => streaks.fatesSince(since),
    get lastReportAt() {
      return lastReportAt;
    },
  };
}

function noteOf({ from, to, records, affectedRatio }: SettledWindow, loadPerSecond: number): WindowNote {
  const { requests, failed, routes } = summarise(records, { from, to, affectedRatio });
  const answeredBy: Record<string, number> = {};
  for (const route of Object.values(routes))
    for (const [backend, count] of Object.entries(route.answeredBy))
      answeredBy[backend] = (answeredBy[backend] ?? 0) + count;
  return {
    from,
    to,
    requests,
    failed,
    affectedRatio,
    p95Ms: slowestP95(routes),
    requestsPerSecond: rate(requests, from, to) + loadPerSecond,
    answeredBy,
  };
}
