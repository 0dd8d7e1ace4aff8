import { NOBODY } from "../probe/record.ts";
import { WINDOW_MS } from "../probe/windows.ts";
import { failedIn, summarise, type WindowSummary } from "../judge/window.ts";
import type { Drill } from "../drill/drill.ts";
import type { Traffic, WindowNote } from "../judge/traffic.ts";
import type { UnitView } from "../world/host.ts";
import type { Monitoring } from "../world/monitoring.ts";
import type { PoolStatus, World } from "../world/world.ts";
import type { BackendView, DrillView, PoolView, StatusView, UsersView, UsersWindow } from "./views.ts";

/** What the prober and the load report, and how many users there are. */
export interface UsersWatched {
  readonly traffic: Traffic;
  readonly population: number;
}

export interface StatusDeps {
  readonly listener: string;
  readonly world: () => World;
  readonly drill: () => Drill | undefined;
  /** Undefined before the first user comes. */
  readonly users: () => UsersWatched | undefined;
}

/** A drill's users. */
export const usersOfDrill = ({ traffic, pace }: Drill): UsersWatched => ({
  traffic,
  population: pace.workload.users.count,
});

/** Answers of the balancer and the evaluator; undefined: no answer. */
export interface Answered {
  readonly pools: readonly PoolStatus[] | undefined;
  readonly rates: UpstreamRates | undefined;
}

/** The lab at a glance, over the last 10 s. */
export async function statusOf(deps: StatusDeps): Promise<StatusView> {
  const { sight, monitoring } = deps.world();
  const [pools, rates] = await Promise.all([sight.pools(), upstreamRates(monitoring)]);
  return statusFrom(deps, { pools, rates });
}

/** A window without the backends that answered: which they are is shown where it is looked at. */
export const usersWindow = ({
  from,
  to,
  requests,
  failed,
  affectedRatio,
  p95Ms,
  requestsPerSecond,
}: WindowNote): UsersWindow => ({ from, to, requests, failed, affectedRatio, p95Ms, requestsPerSecond });

/** The same, from answers that the caller has. */
export function statusFrom(
  { listener, world, drill: current, users }: StatusDeps,
  { pools, rates }: Answered,
): StatusView {
  const { sight, clock, monitoring } = world();
  const drill = current();
  const watched = users();
  const to = clock.wall();
  const from = to - WINDOW_MS;
  const window = watched?.traffic.window(from, to) ?? summarise([], { from, to, affectedRatio: 0 });
  const units = sight.units();
  return {
    schemaVersion: 1,
    listener,
    drill: drill && drillView(drill, to),
    users: usersView(watched, window),
    backends: backendViews(window, units, pools),
    pools: pools?.map((pool) => poolView(pool, rates)),
    units,
    alerts: monitoring.alerts(),
  };
}

/** The balancer's pools with the rates of the last 10 s; undefined when it does not answer. */
export async function poolsOf({ sight, monitoring }: Pick<World, "sight" | "monitoring">) {
  const [pools, rates] = await Promise.all([sight.pools(), upstreamRates(monitoring)]);
  return pools?.map((pool) => poolView(pool, rates));
}

type Rates = ReadonlyMap<string, number>;

/** Attempts and failed attempts a second, by pool and upstream. */
export interface UpstreamRates {
  readonly attempts: Rates;
  readonly failures: Rates;
}

/** Undefined where nothing answers the query. */
export async function upstreamRates(monitoring: Monitoring): Promise<UpstreamRates | undefined> {
  const rateOf = async (matchers: string): Promise<Rates> => {
    const answer = await monitoring.query({
      expression: `sum by (pool, upstream) (rate(lb_upstream_requests_total${matchers}[${WINDOW_MS / 1000}s]))`,
    });
    return new Map(
      answer.resultType === "vector"
        ? answer.result.map(({ metric, value }) => [
            key(metric["pool"], metric["upstream"]),
            Number(value[1]),
          ])
        : [],
    );
  };
  try {
    const [attempts, failures] = await Promise.all([rateOf(""), rateOf('{result!~"ok|client-left"}')]);
    return { attempts, failures };
  } catch {
    // The evaluator is down: its figures are unknown, which the view shows.
    return undefined;
  }
}

const key = (pool: string | undefined, upstream: string | undefined): string => `${pool}/${upstream}`;

function poolView(pool: PoolStatus, rates: UpstreamRates | undefined): PoolView {
  return {
    ...pool,
    upstreams: pool.upstreams.map((one) => {
      const attempts = rates?.attempts.get(key(pool.pool, one.upstream));
      return {
        ...one,
        requestsPerSecond: attempts ?? null,
        failuresPerSecond:
          attempts === undefined ? null : (rates?.failures.get(key(pool.pool, one.upstream)) ?? 0),
      };
    }),
  };
}

/** The drill in a status. */
export function drillView({ state, scenario }: Drill, now: number): DrillView {
  return {
    id: state.drill,
    alias: scenario.alias,
    phase: state.phase,
    secondsSincePage: state.pagedAt === null ? undefined : Math.round((now - state.pagedAt) / 1000),
    secondsLeft:
      state.timeLimitMs === null || state.impactAt === null
        ? undefined
        : Math.max(0, Math.round((state.impactAt + state.timeLimitMs - now) / 1000)),
    hintsTaken: state.hints,
    usersWell: state.wellSince !== null || state.impactAt === null,
    diagnosed: state.diagnosis !== null,
    ...(scenario.diagnosis.words === undefined ? {} : { words: scenario.diagnosis.words }),
  };
}

/** Whether a user is affected. */
function affectedIn(traffic: Traffic, { from, to }: WindowSummary): (user: number) => boolean {
  return traffic.affected(from, to, ({ has }) => {
    const suffering = new Set(
      traffic
        .records(from, to)
        .map(({ user }) => user)
        .filter(has),
    );
    return (user) => suffering.has(user);
  });
}

function usersView(watched: UsersWatched | undefined, window: WindowSummary): UsersView {
  const { from, to } = window;
  const records = watched?.traffic.records(from, to) ?? [];
  const isAffected = watched ? affectedIn(watched.traffic, window) : () => false;
  const failedRatioOf = (whose: boolean): number | undefined => {
    const theirs = records.filter(({ user }) => user !== NOBODY && isAffected(user) === whose);
    return theirs.length === 0 ? undefined : theirs.filter(failedIn).length / theirs.length;
  };
  const offered = watched?.traffic.offered(from, to) ?? 0;
  const sent = records.length + (watched?.traffic.unanswered(from, to) ?? 0);
  const probed = Math.min(offered, (sent * 1000) / (to - from));
  const routes = Object.entries(window.routes);
  return {
    population: watched?.population ?? 0,
    requestsPerSecond: offered,
    probeRequestsPerSecond: probed,
    loadRequestsPerSecond: offered - probed,
    requests: window.requests,
    failedRatio: window.failedRatio,
    affectedRatio: window.affectedRatio,
    affectedFailedRatio: failedRatioOf(true),
    othersFailedRatio: failedRatioOf(false),
    routes: Object.fromEntries(
      routes.map(([name, { requests, failed, p95Ms }]) => [
        name,
        { requests, failedRatio: failed / requests, p95Ms },
      ]),
    ),
    failures: Object.fromEntries(
      routes.filter(([, { failed }]) => failed > 0).map(([name, { failures }]) => [name, failures]),
    ),
  };
}

/** One row a backend. Its share is of its pool's upstreams. */
function backendViews(
  window: WindowSummary,
  units: readonly UnitView[],
  pools: readonly PoolStatus[] | undefined,
): BackendView[] {
  const answeredOf = new Map<string, number>();
  const failedOf = new Map<string, number>();
  for (const { answeredBy, failedBy } of Object.values(window.routes)) {
    addCounts(answeredOf, answeredBy);
    addCounts(failedOf, failedBy);
  }
  return units
    .filter(({ program }) => program === "backend")
    .map(({ name, restarts, state }) => {
      const answered = answeredOf.get(name) ?? 0;
      const pool = pools?.find(({ upstreams }) => upstreams.some(({ upstream }) => upstream === name));
      const members = pool?.upstreams.map(({ upstream }) => upstream) ?? [...answeredOf.keys()];
      const all = members.reduce((sum, one) => sum + (answeredOf.get(one) ?? 0), 0);
      const weights = pool?.upstreams.reduce((sum, { weight }) => sum + weight, 0) ?? 0;
      const weight = pool?.upstreams.find(({ upstream }) => upstream === name)?.weight;
      return {
        backend: name,
        seen: answered > 0 || pool !== undefined,
        share: all === 0 ? 0 : answered / all,
        configuredShare: weight === undefined || weights === 0 ? null : weight / weights,
        answersPerSecond: (answered * 1000) / WINDOW_MS,
        failedRatio: answered === 0 ? 0 : (failedOf.get(name) ?? 0) / answered,
        restarts,
        state,
      };
    });
}

function addCounts(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
}
