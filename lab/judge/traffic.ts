import type { LoadReport, ProbeRecord, ProbeReport } from "../probe/record.ts";
import { summarise, type WindowSummary } from "./window.ts";

/** The prober's and the load's reports, kept by the second, from which every window is taken. Times are epoch ms. */
export interface Traffic {
  probed(report: ProbeReport): void;
  loaded(report: LoadReport): void;
  /** Requests of the prober that were sent from `from` on and before `to`, as far as they have ended. */
  records(from: number, to: number): readonly ProbeRecord[];
  window(from: number, to: number): WindowSummary;
  /** Requests sent between the two moments that have no answer yet. */
  unanswered(from: number, to: number): number;
  /** Requests a second that the prober and the load sent, together. */
  offered(from: number, to: number): number;
  /** When the prober last reported. */
  readonly lastReportAt: number;
}

const KEEP_SECONDS = 1800;
const LOAD_REPORT_MS = 1000;
/** A report this late will not come: whoever makes it is gone. */
const OVERDUE_MS = 2500;

export function createTraffic({ users }: { readonly users: number }): Traffic {
  const bySecond = new Map<number, ProbeRecord[]>();
  const loadSent: { at: number; sent: number }[] = [];
  let openSince: readonly number[] = [];
  let lastReportAt = 0;

  const records = (from: number, to: number): ProbeRecord[] => {
    const found: ProbeRecord[] = [];
    for (let second = Math.floor(from / 1000); second * 1000 < to; second++)
      for (const record of bySecond.get(second) ?? [])
        if (record.sentAt >= from && record.sentAt < to) found.push(record);
    return found;
  };
  const unanswered = (from: number, to: number): number =>
    openSince.filter((at) => at >= from && at < to).length;

  const loadRate = (from: number, to: number): number => {
    const inside = loadSent.filter(({ at }) => at >= from - LOAD_REPORT_MS && at <= to);
    const first = inside[0];
    const last = inside.at(-1);
    if (!first || !last) return 0;
    // Without reports in its beginning the window had no load there, and not the load of its rest.
    const since = first.at - from > OVERDUE_MS ? from : first.at;
    return rate(last.sent - first.sent, since, toldUntil(last.at, since, to));
  };

  return {
    probed(report) {
      openSince = report.openSince;
      for (const record of report.records) {
        const second = Math.floor(record.sentAt / 1000);
        const bucket = bySecond.get(second);
        if (bucket) bucket.push(record);
        else bySecond.set(second, [record]);
      }
      lastReportAt = Math.max(lastReportAt, report.at);
      for (const second of bySecond.keys()) {
        // Buckets come nearly in order: the first young one ends the search.
        if (second * 1000 > report.at - KEEP_SECONDS * 1000) break;
        bySecond.delete(second);
      }
    },
    loaded(report) {
      // A load that was started afresh counts from zero again.
      const last = loadSent.at(-1);
      if (last && report.sent < last.sent) loadSent.length = 0;
      loadSent.push({ at: report.at, sent: report.sent });
      if (loadSent.length > KEEP_SECONDS) loadSent.shift();
    },
    records,
    window: (from, to) => summarise(records(from, to), { from, to, users }),
    unanswered,
    offered(from, to) {
      const probeUntil = toldUntil(lastReportAt, from, to);
      const probe = records(from, probeUntil).length + unanswered(from, probeUntil);
      return rate(probe, from, probeUntil) + loadRate(from, to);
    },
    get lastReportAt() {
      return lastReportAt;
    },
  };
}

/** How far into the window the last report tells of it: what the next one will tell is not missing, only not told yet. */
const toldUntil = (last: number, from: number, to: number): number =>
  last > from && last < to && to - last <= OVERDUE_MS ? last : to;

const rate = (count: number, from: number, to: number): number =>
  to > from ? (count * 1000) / (to - from) : 0;
