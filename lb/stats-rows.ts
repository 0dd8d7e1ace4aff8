import type { Balancer, PoolView, UpstreamView } from "./balancer.ts";
import type { Stats, Tally } from "./stats.ts";

/** HAProxy's columns, in its order, up to the last that this balancer can fill. A cell is empty where it knows nothing. */
const COLUMNS = [
  "pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck",
  "chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max",
  "check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other",
]
  .join(",")
  .split(",");

/** One line of the statistics: values by HAProxy's column names. */
export type StatsRow = Readonly<Record<string, string | number>>;

/** HAProxy's numbers for what a line is about. */
const [FRONTEND, BACKEND, SERVER] = [0, 1, 2];

/** A line for each listener, and for each pool one for each upstream and one for all. */
export function statsRows(balancer: Pick<Balancer, "config" | "pools">, stats: Stats): readonly StatsRow[] {
  return [
    ...balancer.config.listeners.map(({ name }) => ({
      ...tallied(stats.listener(name)),
      pxname: name,
      svname: "FRONTEND",
      status: "OPEN",
      type: FRONTEND,
    })),
    ...balancer
      .pools()
      .flatMap((pool) => [
        ...pool.upstreams.map((upstream) => serverRow(upstream, stats)),
        poolRow(pool, stats),
      ]),
  ];
}

export function statsCsv(rows: readonly StatsRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => row[column] ?? "").join(","));
  return `# ${COLUMNS.join(",")},\n${lines.map((line) => `${line},\n`).join("")}`;
}

function serverRow(upstream: UpstreamView, stats: Stats): StatsRow {
  const {
    pool,
    name,
    state,
    weight,
    effectiveWeight,
    inFlight,
    peakInFlight,
    maxConnections,
    check,
    checkFailures,
  } = upstream;
  return {
    ...tallied(stats.upstream(pool, name)),
    pxname: pool,
    svname: name,
    scur: inFlight,
    smax: peakInFlight,
    slim: maxConnections,
    stot: upstream.requests,
    status: state,
    weight,
    act: 1,
    chkfail: checkFailures,
    type: SERVER,
    // As in HAProxy: the part of its weight, in percent, while a slow start lasts.
    ...(state === "UP" &&
      effectiveWeight < weight && { throttle: Math.round((100 * effectiveWeight) / weight) }),
    ...(check && {
      check_status: check.ok ? "L7OK" : "L7STS",
      check_duration: Math.round(check.durationMs),
    }),
  };
}

function poolRow({ name, queueLength, queuePeak, queueLimit, upstreams }: PoolView, stats: Stats): StatsRow {
  const sum = (of: (upstream: UpstreamView) => number) =>
    upstreams.reduce((total, each) => total + of(each), 0);
  const up = upstreams.filter(({ state }) => state === "UP");
  return {
    ...tallied(stats.pool(name)),
    pxname: name,
    svname: "BACKEND",
    qcur: queueLength,
    qmax: queuePeak,
    scur: sum(({ inFlight }) => inFlight),
    status: up.length > 0 ? "UP" : "DOWN",
    weight: up.reduce((total, { weight }) => total + weight, 0),
    act: up.length,
    chkfail: sum(({ checkFailures }) => checkFailures),
    qlimit: queueLimit,
    type: BACKEND,
  };
}

function tallied(tally: Tally): StatsRow {
  const [hrsp_1xx = 0, hrsp_2xx = 0, hrsp_3xx = 0, hrsp_4xx = 0, hrsp_5xx = 0, hrsp_other = 0] =
    tally.answers;
  return {
    stot: tally.total,
    econ: tally.connectErrors,
    eresp: tally.responseErrors,
    wretr: tally.retries,
    rate: tally.rate,
    rate_max: tally.rateMax,
    hrsp_1xx,
    hrsp_2xx,
    hrsp_3xx,
    hrsp_4xx,
    hrsp_5xx,
    hrsp_other,
  };
}
