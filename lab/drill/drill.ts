import { CodedError, messageOf } from "../../runtime/errors.ts";
import type { Random } from "../../runtime/random.ts";
import { describeAction, type Action } from "../../scenarios/action.ts";
import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { PaceSet, Scenario, Undo } from "../../scenarios/scenario.ts";
import { measureImpact, WINDOW_MS } from "../judge/impact.ts";
import { createTraffic, type Traffic } from "../judge/traffic.ts";
import { percent, type Wellness } from "../judge/well.ts";
import type { WindowSummary } from "../judge/window.ts";
import { createPager, type Alert } from "../observe/pager.ts";
import type { ActionResult, Snapshot, World } from "../world/world.ts";
import { runCheck } from "./check.ts";
import type { DrillEvent, JournalLine } from "./events.ts";
import type { Journal } from "./journal.ts";
import { resultOf, type Result } from "./result.ts";
import { seal } from "./seal.ts";
import { stateOf, type DrillState } from "./state.ts";
import { createWatch, type Watch } from "./watch.ts";

const STEADY_DEADLINE_MS = 60_000;
const IMPACT_DEADLINE_MS = 30_000;
/** What is measured longest: a night of looking at the same outage adds nothing to its figures. */
const IMPACT_AT_MOST_MS = 600_000;

export interface DrillDeps {
  readonly world: World;
  readonly journal: Journal;
  readonly random: Random;
  readonly onEvent: (line: JournalLine, state: DrillState) => void;
}

export interface DrillOptions {
  readonly id: string;
  readonly seed: number;
  readonly timeLimitMs: number | null;
  /** With false the change is left out: what a responder does when nothing is wrong. */
  readonly fault: boolean;
}

/** One run of a scenario, from the briefing to the reset. */
export interface Drill {
  readonly scenario: Scenario;
  readonly state: DrillState;
  readonly alerts: readonly Alert[];
  readonly traffic: Traffic;
  /** How users are, over the last 10 s. */
  readonly wellness: Wellness;
  /** Lives through the whole drill. Rejects with DRILL_REFUSED or DRILL_VOID and its reason; puts everything back always. */
  run(signal: AbortSignal): Promise<Result>;
  looked(subject: string): void;
  act(step: Action): Promise<ActionResult>;
  check(signal: AbortSignal): Promise<Wellness>;
  diagnose(diagnosis: Diagnosis): void;
  hint(): string;
  end(reason?: "asked" | "solved"): void;
}

export function createDrill(scenario: Scenario, options: DrillOptions, deps: DrillDeps): Drill {
  const { world, journal } = deps;
  const { clock } = world;
  const pace: PaceSet = scenario.paces.drill;
  const traffic = createTraffic({ users: pace.workload.users.count });
  const watch: Watch = createWatch({ clock, traffic, steady: pace.steadyState });
  const ended = new AbortController();
  const failed = new AbortController();
  let acting: Promise<unknown> = Promise.resolve();
  let lastActionAt = 0;
  let state = stateOf([]);
  let steady: WindowSummary | undefined;
  let impactFrom: number | undefined;
  let impactTo: number | undefined;
  let restartsBefore: Readonly<Record<string, number>> = {};
  let restartsAfter: Readonly<Record<string, number>> = {};

  world.onProbe((report) => traffic.probed(report));
  world.onLoad((report) => traffic.loaded(report));

  function record(event: DrillEvent): void {
    try {
      const line = journal.append(event);
      state = stateOf(journal.lines);
      deps.onEvent(line, state);
    } catch (error) {
      // Without its record a drill proves nothing: no partial grade.
      failed.abort(new CodedError("DRILL_VOID", `the drill is void: ${messageOf(error)}`, { cause: error }));
      throw failed.signal.reason;
    }
  }

  const pager = createPager(
    [
      {
        name: "HighFailureRatio",
        severity: "page",
        forMs: 2000,
        evaluate() {
          const window = traffic.window(clock.wall() - 5000, clock.wall());
          if (window.requests < 50) return undefined;
          return {
            firing: window.failedRatio > 0.05,
            summary: `${percent(window.failedRatio)} of requests failed in the last 5 s`,
          };
        },
      },
    ],
    {
      clock,
      onFire: (alert) => {
        if (state.changedAt !== null || !options.fault)
          record({ event: "paged", alert: alert.name, summary: alert.summary });
      },
    },
  );

  /** What goes wrong in a timer has nobody above it to tell: it voids the drill. */
  function guarded(run: () => void): () => void {
    return () => {
      if (failed.signal.aborted) return;
      try {
        run();
      } catch (error) {
        failed.abort(error);
      }
    };
  }

  watch.onTick(
    guarded(() => {
      if (state.steadyAt === null || state.phase === "done") return;
      pager.evaluate();
      if (state.phase === "open" || state.phase === "ending") noteUsers();
    }),
  );

  function noteUsers(): void {
    const from = clock.wall() - WINDOW_MS;
    // Not before the impact has filled a window, or the good seconds before it would count as a recovery.
    if (state.impactAt === null || from < Math.max(state.impactAt, state.wellSince ?? 0)) return;
    const { ok } = watch.wellness(from);
    if (ok === (state.wellSince !== null)) return;
    record({ event: "users", well: ok, since: new Date(from).toISOString() });
  }

  const restartCounts = () =>
    Object.fromEntries(world.sight.units().map((unit) => [unit.name, unit.restarts]));

  function closeImpact(): void {
    if (impactFrom === undefined || impactTo !== undefined) return;
    impactTo = Math.min(clock.wall(), impactFrom + IMPACT_AT_MOST_MS);
    restartsAfter = restartCounts();
  }

  async function holdSteady(signal: AbortSignal): Promise<void> {
    let since = clock.wall();
    let last: Wellness | undefined;
    const held = await watch.until(
      () => {
        const now = clock.wall();
        last = watch.wellness(since);
        if (!last.ok) since = now;
        return now - since >= WINDOW_MS ? since : undefined;
      },
      STEADY_DEADLINE_MS,
      signal,
    );
    if (held === undefined)
      throw refuse(`steady state did not hold: ${last?.felt.join("; ") || "it never lasted 10 s"}`);
    const now = clock.wall();
    steady = traffic.window(held, now);
    const requestsPerSecond = traffic.offered(held, now);
    watch.setBaseline(requestsPerSecond);
    const p95Ms = Object.fromEntries(
      Object.entries(steady.routes).map(([route, { p95Ms: p95 }]) => [route, Math.round(p95 ?? 0)]),
    );
    record({ event: "steady", requestsPerSecond: Math.round(requestsPerSecond), p95Ms });
  }

  async function impactShows(signal: AbortSignal): Promise<void> {
    const [first] = pace.impact.expectations;
    const seen = await watch.until(
      () => {
        const to = clock.wall();
        const from = Math.max(to - 5000, state.changedAt ?? 0);
        const records = traffic.records(from, to);
        const { figures, ...measured } = measureImpact(
          {
            from,
            to,
            records,
            users: pace.workload.users.count,
            steady: traffic.window(from, to),
            restarts: {},
          },
          [first],
        );
        return records.length > 50 && (figures[0]?.measured ?? 0) >= (first.min ?? 0) / 2
          ? measured
          : undefined;
      },
      IMPACT_DEADLINE_MS,
      signal,
    );
    if (seen === undefined)
      throw new CodedError(
        "DRILL_VOID",
        "the change had no visible effect on users within 30 s: there is nothing to solve",
      );
    record({ event: "impact", failedRatio: seen.failedRequestRatio, affectedRatio: seen.affectedUserRatio });
  }

  const refuse = (reason: string) =>
    new CodedError("DRILL_REFUSED", reason, { hint: "lblab doctor tells what this machine lacks" });

  async function live(signal: AbortSignal, undos: Undo[]): Promise<void> {
    for (const fault of pace.prelude) undos.push(await fault(world.stage));
    await holdSteady(signal);
    if (!options.fault) return;
    // The moment counts from before the change: users may feel it while it is still being made.
    record({ event: "changed" });
    watch.countLossFrom(clock.wall());
    for (const fault of pace.change) undos.push(await fault(world.stage));
    clock.after(pace.impact.settleMs, () => {
      if (impactTo !== undefined) return;
      impactFrom = clock.wall();
      restartsBefore = restartCounts();
    });
    await impactShows(signal);
  }

  async function close(signal: AbortSignal): Promise<void> {
    closeImpact();
    if (state.wellSince !== null) {
      const begun = clock.wall();
      await world.reboot(options.seed);
      lastActionAt = clock.wall();
      const well = await watch.until(
        () =>
          (clock.wall() - WINDOW_MS >= lastActionAt && watch.wellness(clock.wall() - WINDOW_MS).ok) ||
          undefined,
        pace.recoveryMs,
        signal,
      );
      record({ event: "restarted", well: well === true, seconds: Math.round((clock.wall() - begun) / 1000) });
    }
    if (impactFrom !== undefined && impactTo !== undefined && steady !== undefined) {
      const restarts = Object.fromEntries(
        Object.entries(restartsAfter).map(([unit, count]) => [unit, count - (restartsBefore[unit] ?? 0)]),
      );
      const impact = measureImpact(
        {
          from: impactFrom,
          to: impactTo,
          records: traffic.records(impactFrom, impactTo),
          users: pace.workload.users.count,
          steady,
          restarts,
        },
        pace.impact.expectations,
      );
      record({ event: "measured", impact, userMinutesLostPer1000: Math.round(watch.lost * 10) / 10 });
    }
    record({ event: "debriefed", result: resultOf(state, scenario) });
  }

  async function putBack(undos: Undo[], start: Snapshot): Promise<void> {
    const begun = clock.now();
    for (const undo of undos.toReversed()) await undo();
    await world.restore(start);
    const ms = Math.round(clock.now() - begun);
    const differences = differencesOf(start, await world.snapshot());
    record({ event: "reset", equal: differences.length === 0, ms, differences });
  }

  return {
    scenario,
    get state() {
      return state;
    },
    get alerts() {
      return pager.alerts;
    },
    traffic,
    get wellness() {
      return watch.wellness(clock.wall() - WINDOW_MS);
    },
    async run(outer) {
      const signal = AbortSignal.any([outer, failed.signal]);
      const undos: Undo[] = [];
      let start: Snapshot | undefined;
      const { id, seed, timeLimitMs } = options;
      try {
        record({
          event: "created",
          drill: id,
          alias: scenario.alias,
          seed,
          sealed: seal(id, scenario.id),
          timeLimitMs,
        });
        await world.start(pace.topology, pace.workload);
        start = await world.snapshot();
        await live(signal, undos);
        const limit = timeLimitMs === null ? undefined : clock.after(timeLimitMs, () => finish("time-limit"));
        await Promise.race([whenAborted(ended.signal), rejectWhenAborted(signal)]);
        limit?.();
        await acting;
        await close(signal);
        const result = state.result;
        if (!result) throw new CodedError("DRILL_VOID", "the drill ended without a result");
        return result;
      } catch (error) {
        if (error instanceof CodedError && (error.code === "DRILL_REFUSED" || error.code === "DRILL_VOID"))
          if (!failed.signal.aborted)
            record({ event: error.code === "DRILL_REFUSED" ? "refused" : "void", reason: error.message });
        throw error;
      } finally {
        watch.stop();
        if (start && !outer.aborted) await putBack(undos, start);
      }
    },
    looked(subject) {
      if (state.phase === "open" || state.phase === "changed") record({ event: "looked", subject });
    },
    async act(step) {
      // One at a time, in the order they came: two hands on one lever would make the record ambiguous.
      const done = acting.then(async () => {
        if (state.impactAt !== null) closeImpact();
        const result = await world
          .act(step)
          .catch((error: unknown) => ({ ok: false, message: messageOf(error) }));
        lastActionAt = clock.wall();
        record({
          event: "acted",
          action: describeAction(step),
          subject: subjectOf(step, world),
          ok: result.ok,
          message: result.message,
        });
        return result;
      });
      acting = done.catch(() => {});
      return done;
    },
    async check(signal) {
      const seen = await runCheck({ watch, traffic, clock }, lastActionAt, signal);
      record({ event: "checked", ok: seen.ok, felt: seen.felt });
      return seen;
    },
    diagnose: (diagnosis) => record({ event: "diagnosed", diagnosis }),
    hint() {
      const next = Math.min(state.hints + 1, scenario.hints.length);
      record({ event: "hinted", hint: next });
      return scenario.hints[next - 1] ?? "";
    },
    end: (reason = "asked") => finish(reason),
  };

  function finish(reason: "asked" | "solved" | "time-limit"): void {
    if (ended.signal.aborted) return;
    record({ event: "ending", reason });
    ended.abort();
  }
}

/** What an action is done to, as false leads name it: a unit, a package, or the kind of change that is reverted. */
function subjectOf(step: Action, world: World): string {
  switch (step.do) {
    case "config apply":
    case "config rollback":
      return "config";
    case "package uninstall":
      return step.package;
    case "change revert":
      return world.sight.changes().find(({ id }) => id === step.change)?.kind ?? step.change;
    case "upstream drain":
    case "upstream enable":
    case "upstream weight":
      return `upstream ${step.upstream}`;
    default:
      return step.unit;
  }
}

export function differencesOf(start: Snapshot, now: Snapshot): string[] {
  const found: string[] = [];
  const compare = (path: string, before: unknown, after: unknown): void => {
    if (isRecord(before) && isRecord(after)) {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
        compare(path === "" ? key : `${path}.${key}`, before[key], after[key]);
    } else if (JSON.stringify(before) !== JSON.stringify(after))
      found.push(`${path}: ${JSON.stringify(before)} at the start, ${JSON.stringify(after)} now`);
  };
  compare("", start, now);
  return found;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

const rejectWhenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
