import type { Balancer, CountsOfListeners, ListenerCounts, PoolView, UpstreamView } from "../balancer.ts";
import type { Stats, Tally } from "../telemetry/stats.ts";

/** HAProxy's columns, in its order, up to the last that this balancer can fill. A cell is empty where it knows nothing. */
const COLUMNS = [
  "pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck",
  "chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max",
  "check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail",
  "req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt",
]
  .join(",")
  .split(",");

/** One line of the statistics: values by HAProxy's column names. */
export type StatsRow = Readonly<Record<string, string | number>>;

/** HAProxy's numbers for what a line is about. */
const [FRONTEND, BACKEND, SERVER] = [0, 1, 2];

/** A line for each listener, and for each pool one for each upstream and one for all. */
export function statsRows(
  balancer: Pick<Balancer, "config" | "pools">,
  stats: Stats,
  listeners: CountsOfListeners = new Map(),
): readonly StatsRow[] {
  const names = balancer.config.listeners.map(({ name }) => name);
  return [
    ...names.map((name, index) => listenerRow(name, stats.listener(name), listeners.get(name), index + 1)),
    ...balancer.pools().flatMap((pool, index) => {
      const iid = names.length + index + 1;
      const checked = balancer.config.pools[pool.name]?.health !== undefined;
      return [
        ...pool.upstreams.map((upstream, place) => ({
          ...serverRow(upstream, stats),
          ...(checked && checksOf(upstream, stats)),
          iid,
          sid: place + 1,
        })),
        poolRow(pool, stats, iid),
      ];
    }),
  ];
}

export function statsCsv(rows: readonly StatsRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => row[column] ?? "").join(","));
  return `# ${COLUMNS.join(",")},\n${lines.map((line) => `${line},\n`).join("")}`;
}

function listenerRow(
  name: string,
  tally: Tally,
  connections: ListenerCounts | undefined,
  iid: number,
): StatsRow {
  return {
    pxname: name,
    svname: "FRONTEND",
    stot: tally.total,
    ...(connections && {
      scur: connections.open,
      smax: connections.peak,
      slim: connections.maxConnections,
      stot: connections.total,
      bin: connections.bytesIn,
      bout: connections.bytesOut,
      rate: connections.rate,
      rate_max: connections.rateMax,
    }),
    ereq: tally.badRequests,
    status: "OPEN",
    pid: 1,
    iid,
    sid: 0,
    type: FRONTEND,
    ...answersOf(tally),
    req_rate: tally.rate,
    req_rate_max: tally.rateMax,
    req_tot: tally.total,
  };
}

function serverRow(upstream: UpstreamView, stats: Stats): StatsRow {
  const { pool, name, state, weight, effectiveWeight, maxConnections } = upstream;
  const tally = stats.upstream(pool, name);
  return {
    ...handled(tally),
    pxname: pool,
    svname: name,
    qcur: 0,
    qmax: 0,
    scur: upstream.inFlight,
    smax: upstream.peakInFlight,
    slim: maxConnections,
    status: upstream.status,
    weight: state === "UP" ? Math.ceil(effectiveWeight) : weight,
    act: 1,
    bck: 0,
    lastchg: seconds(tally.changedMs),
    downtime: seconds(tally.downMs),
    pid: 1,
    type: SERVER,
    // As in HAProxy: the part of its weight, in percent, while a slow start lasts.
    ...(state === "UP" &&
      effectiveWeight < weight && { throttle: Math.round((100 * effectiveWeight) / weight) }),
  };
}

function checksOf({ pool, name, state, check, checkFailuresUp }: UpstreamView, stats: Stats): StatsRow {
  return {
    chkfail: checkFailuresUp,
    chkdown: stats.upstream(pool, name).downs,
    // A result from before a maintenance is no result now.
    ...(state !== "MAINT" && {
      check_status: check?.status ?? "INI",
      ...(check?.code !== undefined && { check_code: check.code }),
      ...(check && { check_duration: Math.round(check.durationMs) }),
    }),
  };
}

function poolRow(pool: PoolView, stats: Stats, iid: number): StatsRow {
  const { name, queueLength, queuePeak, queueLimit, upstreams, outage } = pool;
  const able = upstreams.filter(({ state, effectiveWeight }) => state === "UP" && effectiveWeight > 0);
  return {
    ...handled(stats.pool(name)),
    pxname: name,
    svname: "BACKEND",
    qcur: queueLength,
    qmax: queuePeak,
    scur: upstreams.reduce((sum, { inFlight }) => sum + inFlight, queueLength),
    smax: pool.peak,
    status: able.length > 0 ? "UP" : "DOWN",
    weight: able.reduce((total, { effectiveWeight }) => total + Math.ceil(effectiveWeight), 0),
    act: able.length,
    bck: 0,
    chkdown: outage.count,
    lastchg: seconds(outage.changedMs),
    downtime: seconds(outage.totalMs),
    qlimit: queueLimit,
    pid: 1,
    iid,
    sid: 0,
    type: BACKEND,
  };
}

/** Of an upstream or a pool. */
function handled(tally: Tally): StatsRow {
  return {
    stot: tally.total,
    econ: tally.connectErrors,
    eresp: tally.responseErrors,
    wretr: tally.retries,
    wredis: tally.redispatches,
    lbtot: tally.picks,
    rate: tally.rate,
    rate_max: tally.rateMax,
    ...answersOf(tally),
    req_tot: tally.answers.reduce((sum, each) => sum + each, 0),
    cli_abrt: tally.clientAborts,
    srv_abrt: tally.serverAborts,
  };
}

function answersOf({ answers }: Tally): StatsRow {
  const [hrsp_1xx = 0, hrsp_2xx = 0, hrsp_3xx = 0, hrsp_4xx = 0, hrsp_5xx = 0, hrsp_other = 0] = answers;
  return { hrsp_1xx, hrsp_2xx, hrsp_3xx, hrsp_4xx, hrsp_5xx, hrsp_other };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
