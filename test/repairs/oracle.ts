import { NOBODY, type ProbeRecord, type ProbeReport } from "../../lab/probe/record.ts";
import type { PaceSet } from "../../scenarios/scenario.ts";

/** Whether users were in truth well, and the evidence against it. */
export interface Truth {
  readonly well: boolean;
  readonly because: readonly string[];
}

/** Everything below this share of the visits that should have come is fewer users. */
const VISITS_FLOOR = 0.9;
const ALWAYS = 3;
/** More users than these may not end a span with nothing but failures. */
const TRAILING = 3;

/** A request that has waited longer than this counts as failed, whatever its outcome. */
const OVERDUE_MS = 3000;

/**
 * What was known of users at a moment (epoch ms): requests that had ended by then, and those that had waited for too long.
 * The later outcomes of the others do not count when the world was restarted or restored at that moment.
 */
export function knownBy(reports: readonly ProbeReport[], moment: number): readonly ProbeRecord[] {
  const received = reports.filter(({ at }) => at <= moment);
  const overdue = (received.at(-1)?.openSince ?? []).filter((sentAt) => sentAt < moment - OVERDUE_MS);
  return [...received.flatMap(({ records }) => records), ...overdue.map(timedOut)];
}

const timedOut = (sentAt: number): ProbeRecord => ({
  sentAt,
  user: NOBODY,
  route: "page",
  result: "timeout",
  status: undefined,
  backend: undefined,
  flag: undefined,
  durationMs: OVERDUE_MS,
});

/**
 * Users between two moments (epoch ms), from their raw records and by what a scenario calls steady state: over the whole
 * span, with none of the judge's windows, summaries and streaks.
 */
export function truthOf(
  all: readonly ProbeRecord[],
  { from, to }: { readonly from: number; readonly to: number },
  { steadyState, workload }: Pick<PaceSet, "steadyState" | "workload">,
): Truth {
  const records = all
    .filter(({ sentAt }) => sentAt >= from && sentAt < to)
    .sort((a, b) => a.sentAt - b.sentAt);
  const because: string[] = [];
  const say = (line: string): void => void because.push(line);

  const failed = records.filter(({ result }) => result !== "ok").length;
  if (records.length === 0) say("nobody came");
  else if (failed > steadyState.failedRatio * records.length)
    say(`${failed} of ${records.length} requests failed`);

  for (const [route, limit] of Object.entries(steadyState.p95Ms)) {
    const times = records
      .filter((record) => record.route === route && record.result === "ok")
      .map(({ durationMs }) => durationMs)
      .sort((a, b) => a - b);
    const p95 = times[Math.max(0, Math.ceil(times.length * 0.95) - 1)];
    if (p95 !== undefined && p95 > limit + 0.5) say(`${route}: p95 was ${Math.round(p95)} ms`);
  }

  const { count, visitEveryMs } = workload.users;
  const visits = records.filter(({ route }) => route === "page" || route === "account").length;
  if (visits < (VISITS_FLOOR * count * (to - from)) / visitEveryMs) say(`only ${visits} visits`);

  const hurt = hurtIn(records);
  if (hurt.always > 0) say(`${hurt.always} users had nothing but failures on a route`);
  if (hurt.mostly > steadyState.affectedRatio * count) say(`${hurt.mostly} users mostly failed on a route`);
  if (hurt.atLast > 0) say(`${hurt.atLast} users had nothing but failures at last`);
  return { well: because.length === 0, because };
}

/** Users by the worst of their routes. */
function hurtIn(records: readonly ProbeRecord[]): Readonly<Record<"always" | "mostly" | "atLast", number>> {
  const fates = new Map<string, boolean[]>();
  for (const { user, route, result } of records) {
    if (user < 0) continue;
    const key = `${user} ${route}`;
    const fate = fates.get(key);
    if (fate) fate.push(result === "ok");
    else fates.set(key, [result === "ok"]);
  }
  const usersWith = (holds: (fate: readonly boolean[]) => boolean): number =>
    new Set([...fates].filter(([, fate]) => holds(fate)).map(([key]) => key.split(" ")[0])).size;
  const failures = (fate: readonly boolean[]): number => fate.filter((ok) => !ok).length;
  return {
    always: usersWith((fate) => fate.length >= ALWAYS && failures(fate) === fate.length),
    mostly: usersWith((fate) => failures(fate) * 2 > fate.length),
    atLast: usersWith((fate) => fate.length > TRAILING && failures(fate.slice(-TRAILING)) === TRAILING),
  };
}
