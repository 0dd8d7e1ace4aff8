import type { LoadReport } from "../probe/record.ts";

const KEEP_LOAD_REPORTS = 600;
const LOAD_REPORT_MS = 1000;
/** A report this late will not come: its sender is gone. */
const OVERDUE_MS = 2500;

/** What the load has sent, by its reports. Times are epoch ms. */
export interface LoadSent {
  add(report: Pick<LoadReport, "at" | "sent">): void;
  /** Requests a second between two moments. */
  rate(from: number, to: number): number;
}

export function createLoadSent(): LoadSent {
  const reports: { readonly at: number; readonly sent: number }[] = [];
  return {
    add({ at, sent }) {
      // A load that was started afresh counts from zero again.
      const last = reports.at(-1);
      if (last && sent < last.sent) reports.length = 0;
      reports.push({ at, sent });
      if (reports.length > KEEP_LOAD_REPORTS) reports.shift();
    },
    rate(from, to) {
      const inside = reports.filter(({ at }) => at >= from - LOAD_REPORT_MS && at <= to);
      const first = inside[0];
      const last = inside.at(-1);
      if (!first || !last) return 0;
      // Without reports in its beginning the window had no load there, and not the load of its rest.
      const since = first.at - from > OVERDUE_MS ? from : first.at;
      return rate(last.sent - first.sent, since, reportedUntil(last.at, since, to));
    },
  };
}

/** How far into the window the last report reaches: what the next one will report is not missing, only not reported yet. */
export const reportedUntil = (last: number, from: number, to: number): number =>
  last > from && last < to && to - last <= OVERDUE_MS ? last : to;

/** Of so many between two moments, how many a second. */
export const rate = (count: number, from: number, to: number): number =>
  to > from ? (count * 1000) / (to - from) : 0;
