import type { LoadReport, ProbeReport } from "../probe/record.ts";

/** Requests by bucket of time, as counts; the first bucket begins at `fromMs` (epoch). */
export interface TrafficSeries {
  readonly fromMs: number;
  readonly bucketMs: number;
  /** What the balancer sent to each upstream, by the last one it tried. */
  readonly upstreams: Readonly<Record<string, readonly number[]>>;
  /** Of users and load together, by when they were sent or counted. */
  readonly sent: readonly number[];
  /** Users' requests by route, by when they were sent. */
  readonly routes: Readonly<
    Record<string, { readonly sent: readonly number[]; readonly failed: readonly number[] }>
  >;
}

/** Gathers what a chart of a simulation shows of its traffic. */
export interface SeriesRecorder {
  routed(atMs: number, upstream: string | undefined): void;
  probed(report: ProbeReport): void;
  loaded(report: LoadReport): void;
  series(): TrafficSeries;
}

/** One number a bucket and line is kept: hours take some thousand numbers. */
export function createSeriesRecorder({
  fromMs,
  bucketMs,
}: Pick<TrafficSeries, "fromMs" | "bucketMs">): SeriesRecorder {
  const upstreams = new Map<string, number[]>();
  const sent: number[] = [];
  let load: LoadReport | undefined;
  const routes = new Map<string, { readonly sent: number[]; readonly failed: number[] }>();

  const add = (counts: number[], atMs: number, count: number): void => {
    const bucket = Math.max(0, Math.floor((atMs - fromMs) / bucketMs));
    while (counts.length <= bucket) counts.push(0);
    counts[bucket] = (counts[bucket] ?? 0) + count;
  };

  return {
    routed(atMs, upstream) {
      if (upstream === undefined) return;
      let counts = upstreams.get(upstream);
      if (!counts) upstreams.set(upstream, (counts = []));
      add(counts, atMs, 1);
    },
    probed({ records }) {
      for (const { sentAt, route, result } of records) {
        add(sent, sentAt, 1);
        let counts = routes.get(route);
        if (!counts) routes.set(route, (counts = { sent: [], failed: [] }));
        add(counts.sent, sentAt, 1);
        if (result !== "ok") add(counts.failed, sentAt, 1);
      }
    },
    loaded(report) {
      // A load that was started afresh counts from zero again.
      add(sent, report.at, report.sent - (load && report.sent >= load.sent ? load.sent : 0));
      load = report;
    },
    series: () => ({
      fromMs,
      bucketMs,
      sent,
      upstreams: Object.fromEntries(upstreams),
      routes: Object.fromEntries(routes),
    }),
  };
}
