import type { Claim, ClaimBand, Moment } from "../../scenarios/claim.ts";
import { minutesBand } from "../../scenarios/claim.ts";
import { saidOf } from "../../scenarios/playbook.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { alertSpans } from "../simulate/alert-spans.ts";
import type { Simulation } from "../simulate/simulate-drill.ts";
import { minuteOf, outageBegan } from "../simulate/timeline.ts";

/** What of a simulation the claims are judged by. */
export type SimulatedRun = Pick<Simulation, "journal" | "state" | "said">;

/** A claim beside what came out. Part of the JSON contract of `fidelity --json`. */
export interface JudgedClaim {
  readonly name: string;
  readonly kind: Claim["kind"];
  readonly reported: number | string;
  /** Null when there was nothing to measure. */
  readonly measured: number | string | null;
  readonly band: ClaimBand;
  readonly ok: boolean;
  /** The contradiction that says why it cannot hold: it counts neither for nor against. */
  readonly contradicted?: string;
  /** The report does not say it: it counts neither for nor against. */
  readonly ours?: true;
  /** How the report's words are read. */
  readonly interpretation?: string;
}

/** Every claim of a scenario's report, those of its timetable behind those that are written down. */
export function judgeClaims(scenario: Scenario, run: SimulatedRun): JudgedClaim[] {
  const { claims, playbook } = scenario.report;
  const origin = outageBegan(run);
  const minute = (at: number | null | undefined): number | null =>
    at === null || at === undefined ? null : minuteOf(at, origin);
  const saidAt = (line: string): number | null => minute(run.said.find((one) => one.line === line)?.at);

  const written = claims.map((claim): JudgedClaim => {
    const { name, kind, reported, band, contradicted, ours, interpretation } = claim;
    const measured = measure(claim.measure, run, minute);
    return {
      name,
      kind,
      reported,
      measured,
      band,
      ok: within(measured, band),
      ...(contradicted === undefined ? {} : { contradicted }),
      ...(ours ? { ours } : {}),
      ...(interpretation === undefined ? {} : { interpretation }),
    };
  });
  const steps = playbook.map((step): JudgedClaim => {
    const { minute: reported, says, ours } = step;
    const measured = saidAt(saidOf(step));
    const band = minutesBand(reported);
    const judged = {
      name: says,
      kind: "scripted",
      reported,
      measured,
      band,
      ok: within(measured, band),
    } as const;
    return ours ? { ...judged, ours } : judged;
  });
  return [...written, ...steps, inOrder(playbook.map(saidOf), run)];
}

function measure(
  wanted: Claim["measure"],
  run: SimulatedRun,
  minute: (at: number | null | undefined) => number | null,
): number | string | null {
  switch (wanted.of) {
    case "figure": {
      const { figure, route } = wanted;
      const found = run.state.impact?.figures.find(
        ({ expectation }) =>
          expectation.figure === figure && ("route" in expectation ? expectation.route : undefined) === route,
      );
      return found?.measured === undefined ? null : Math.round(found.measured * 10_000) / 10_000;
    }
    case "answer":
      return mostOftenFailed(run);
    case "minute":
      return minute(momentOf(wanted.moment, run));
    case "minutes": {
      const [from, to] = [momentOf(wanted.from, run), momentOf(wanted.to, run)];
      return from === null || to === null ? null : Math.round((to - from) / 600) / 100;
    }
  }
}

/** Epoch ms; null when it never came. */
function momentOf(moment: Moment, { state, journal }: SimulatedRun): number | null {
  const acts = state.acts.filter(({ ok }) => ok);
  switch (moment.at) {
    case "change":
      return state.changedAt;
    case "first failure":
      return state.firstFailureAt;
    case "page":
      return state.pagedAt;
    case "alert":
      return alertSpans(journal).find(({ name }) => name === moment.alert)?.firedAt ?? null;
    case "first action":
      return acts[0]?.begunAt ?? null;
    case "last action":
      return acts.at(-1)?.begunAt ?? null;
    case "users well":
      return state.wellSince;
  }
}

/** A 401 says that a session is over, and is no failure. */
const NO_FAILURES = new Set(["200", "401"]);

function mostOftenFailed({ state }: SimulatedRun): string | null {
  const failed = Object.entries(state.impact?.statuses ?? {}).filter(([status]) => !NO_FAILURES.has(status));
  return failed.sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

function within(measured: number | string | null, band: ClaimBand): boolean {
  if (measured === null) return false;
  if ("oneOf" in band) return band.oneOf.includes(String(measured));
  return (
    typeof measured === "number" && measured >= (band.min ?? -Infinity) && measured <= (band.max ?? Infinity)
  );
}

const ORDER = "as in the report";

/** The page first, then every step of the report's team, users at the end: exact. */
function inOrder(steps: readonly string[], { said, state }: SimulatedRun): JudgedClaim {
  const at = [
    state.pagedAt,
    ...steps.map((line) => said.find((one) => one.line === line)?.at ?? null),
    state.wellSince,
  ];
  const wrong = at.findIndex((moment, i) => moment === null || (i > 0 && moment < (at[i - 1] ?? Infinity)));
  const names = ["the page", ...steps, "users are well"];
  return {
    name: "the order of events",
    kind: "scripted",
    reported: ORDER,
    measured: wrong < 0 ? ORDER : `out of order: ${names[wrong]}`,
    band: { oneOf: [ORDER] },
    ok: wrong < 0,
  };
}
