import { NOBODY, type ProbeRecord } from "../probe/record.ts";
import { WINDOW_MS } from "../probe/windows.ts";
import { failedIn, summarise, type WindowSummary } from "../judge/window.ts";
import type { Drill } from "../drill/drill.ts";
import type { UnitView } from "../world/host.ts";
import type { World } from "../world/world.ts";
import type { BackendView, DrillView, StatusView, UsersView } from "./views.ts";

export interface StatusDeps {
  readonly listener: string;
  readonly world: () => World;
  readonly drill: () => Drill | undefined;
}

/** The lab at a glance, over the last 10 s. */
export async function statusOf({ listener, world, drill: current }: StatusDeps): Promise<StatusView> {
  const { sight, clock, monitoring } = world();
  const drill = current();
  const to = clock.wall();
  const from = to - WINDOW_MS;
  const population = drill?.pace.workload.users.count ?? 0;
  const records = drill?.traffic.records(from, to) ?? [];
  const window = drill?.traffic.window(from, to) ?? summarise([], { from, to, affectedRatio: 0 });
  const isAffected = affectedIn(drill, from, to);
  const units = sight.units();
  return {
    schemaVersion: 1,
    listener,
    drill: drill && drillView(drill, to),
    users: usersView(records, window, isAffected, {
      population,
      requestsPerSecond: drill?.traffic.offered(from, to) ?? 0,
    }),
    backends: backendViews(window, units),
    pools: await sight.pools(),
    units,
    alerts: monitoring.alerts(),
  };
}

function drillView({ state, scenario }: Drill, now: number): DrillView {
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
  };
}

/** Of the users who came: who is affected. */
function affectedIn(drill: Drill | undefined, from: number, to: number): (user: number) => boolean {
  if (!drill) return () => false;
  const { traffic } = drill;
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

function usersView(
  records: readonly ProbeRecord[],
  window: WindowSummary,
  isAffected: (user: number) => boolean,
  base: Pick<UsersView, "population" | "requestsPerSecond">,
): UsersView {
  const failedRatioOf = (whose: boolean): number | undefined => {
    const theirs = records.filter(({ user }) => user !== NOBODY && isAffected(user) === whose);
    return theirs.length === 0 ? undefined : theirs.filter(failedIn).length / theirs.length;
  };
  const routes = Object.entries(window.routes);
  return {
    ...base,
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

/** One row a backend that runs or that answered: shares are taken among those that answer the same routes. */
function backendViews(window: WindowSummary, units: readonly UnitView[]): BackendView[] {
  const failedOf = new Map<string, number>();
  const answers = new Map<string, { count: number; share: number }>();
  for (const { answeredBy, failedBy } of Object.values(window.routes)) {
    for (const [backend, count] of Object.entries(failedBy))
      failedOf.set(backend, (failedOf.get(backend) ?? 0) + count);
    const total = Object.values(answeredBy).reduce((sum, count) => sum + count, 0);
    for (const [backend, count] of Object.entries(answeredBy)) {
      const known = answers.get(backend);
      answers.set(backend, {
        count: (known?.count ?? 0) + count,
        share: Math.max(known?.share ?? 0, count / total),
      });
    }
  }
  return units
    .filter(({ program }) => program === "backend")
    .map(({ name, restarts, state }) => {
      const answered = answers.get(name);
      return {
        backend: name,
        share: answered?.share ?? 0,
        answersPerSecond: ((answered?.count ?? 0) * 1000) / WINDOW_MS,
        failedRatio: answered ? (failedOf.get(name) ?? 0) / answered.count : 0,
        restarts,
        state,
      };
    });
}
