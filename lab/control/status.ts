import { affectedUsers } from "../probe/affected.ts";
import { NOBODY, type ProbeRecord } from "../probe/record.ts";
import { WINDOW_MS } from "../judge/impact.ts";
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
  const window = summarise(records, { from, to, users: Math.max(1, population) });
  const units = sight.units();
  return {
    schemaVersion: 1,
    listener,
    drill: drill && drillView(drill, to),
    users: usersView(records, window, {
      population,
      requestsPerSecond: drill?.traffic.offered(from, to) ?? 0,
    }),
    backends: backendViews(records, window, units),
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

function usersView(
  records: readonly ProbeRecord[],
  window: WindowSummary,
  base: Pick<UsersView, "population" | "requestsPerSecond">,
): UsersView {
  const affected = affectedUsers(records, window.from, window.to);
  const failedRatioOf = (whose: boolean): number | undefined => {
    const theirs = records.filter(({ user }) => user !== NOBODY && affected.has(user) === whose);
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
function backendViews(
  records: readonly ProbeRecord[],
  window: WindowSummary,
  units: readonly UnitView[],
): BackendView[] {
  const failedOf = new Map<string, number>();
  for (const record of records)
    if (record.backend !== undefined && failedIn(record))
      failedOf.set(record.backend, (failedOf.get(record.backend) ?? 0) + 1);
  const answers = new Map<string, { count: number; share: number }>();
  for (const { answeredBy } of Object.values(window.routes)) {
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
