import type { Arm } from "../../balancer.ts";
import { figuresOf, type ArmWindow } from "./canary-arms.ts";
import type { CanaryJudgement, CanaryReason, CanaryVerdict } from "./canary.ts";
import { chanceOfSoMany, leastShare, type Part } from "./chance.ts";

/** Under so many requests in either arm there is no verdict. */
export const MIN_REQUESTS = 20;
/** Failed requests over all may be so much more than the baseline's. */
const FAILURE_RATIO_RISE = 0.005;
/** The canary's p95 may be so many times the baseline's, and so much longer. */
const P95_FACTOR = 1.2;
const P95_RISE_MS = 5;
/** At full traffic an upstream may get so many times the rate that it has served well. */
const OVERLOAD_FACTOR = 1.2;
/** A difference that chance makes less often than this is one; up to the second value it is looked at again. */
const CERTAIN = 0.001;
const DOUBTFUL = 0.05;
/** The standard errors of the first. */
const CERTAIN_Z = 3.09;

/** One window of both arms and of the rest, and what is known beside. */
export interface WindowFacts {
  readonly arms: Readonly<Record<Arm, ArmWindow>>;
  readonly windowMs: number;
  /** Attempts a second that an upstream's address has served well; undefined: it has served none. */
  readonly servedWell: (address: string) => number | undefined;
}

interface Finding {
  readonly verdict: CanaryVerdict;
  readonly reason: CanaryReason;
}

/**
 * Holds the canary's window against its baseline's. *Worse*: more failures, a longer p95, or, at full traffic, an upstream that would
 * get more than it has served well, each by more than chance and than is tolerated. Too few requests, or a difference that
 * may be chance: *inconclusive*. No data is never *better*.
 */
export function judgeWindow(facts: WindowFacts): Omit<CanaryJudgement, "at" | "share"> {
  const { canary, baseline } = facts.arms;
  const findings = findingsOf(facts);
  const verdict = VERDICTS.find((verdict) => findings.some((finding) => finding.verdict === verdict));
  return {
    verdict: verdict ?? "better",
    reasons:
      findings.length === 0
        ? [{ code: "no-worse", message: "failures, p95 and shares are no worse than the baseline's" }]
        : findings.map(({ reason }) => reason),
    canary: figuresOf(canary),
    baseline: figuresOf(baseline),
  };
}

/** The one that counts first. */
const VERDICTS: readonly CanaryVerdict[] = ["worse", "inconclusive", "better"];

function findingsOf(facts: WindowFacts): readonly Finding[] {
  const { canary, baseline } = facts.arms;
  const least = Math.min(canary.requests, baseline.requests);
  if (least < MIN_REQUESTS)
    return [
      {
        verdict: "inconclusive",
        reason: {
          code: "too-few-requests",
          value: least,
          limit: MIN_REQUESTS,
          message: `the canary had ${canary.requests} requests and its baseline ${baseline.requests}: under ${MIN_REQUESTS} there is no verdict`,
        },
      },
    ];
  return [...failuresOf(canary, baseline), ...p95Of(canary, baseline), ...overloadsOf(facts)];
}

function failuresOf(canary: ArmWindow, baseline: ArmWindow): readonly Finding[] {
  const value = canary.failures / canary.requests;
  const usual = baseline.failures / baseline.requests;
  const limit = usual + FAILURE_RATIO_RISE;
  const verdict =
    value > limit &&
    verdictOf(
      { hits: canary.failures, of: canary.requests },
      { hits: baseline.failures, of: baseline.requests },
    );
  if (!verdict) return [];
  const message = `${percent(value)} of the canary's requests failed, ${percent(usual)} of its baseline's`;
  return [{ verdict, reason: { code: "failures", value, limit, message } }];
}

function p95Of(canary: ArmWindow, baseline: ArmWindow): readonly Finding[] {
  const value = canary.latencies.quantile(0.95);
  const usual = baseline.latencies.quantile(0.95);
  if (value === undefined || usual === undefined) return [];
  const limit = Math.max(P95_FACTOR * usual, usual + P95_RISE_MS);
  const slow = ({ latencies }: ArmWindow): Part => ({ hits: latencies.above(limit), of: latencies.count });
  const verdict = value > limit && verdictOf(slow(canary), slow(baseline));
  if (!verdict) return [];
  const message = `p95 is ${millis(value)} for the canary, ${millis(usual)} for its baseline`;
  return [{ verdict, reason: { code: "p95", value, limit, message } }];
}

function overloadsOf({ arms, windowMs, servedWell }: WindowFacts): readonly Finding[] {
  const { canary, baseline, rest } = arms;
  const perSecond = (1000 * (canary.attempts + baseline.attempts + rest.attempts)) / windowMs;
  const found: Finding[] = [];
  for (const [upstream, hits] of canary.attemptsAt) {
    const known = servedWell(upstream);
    // Nothing is known of one that only the canary has.
    if (known === undefined) continue;
    const limit = OVERLOAD_FACTOR * known;
    if (leastShare({ hits, of: canary.attempts }, CERTAIN_Z) * perSecond <= limit) continue;
    const value = (hits / canary.attempts) * perSecond;
    const message = `at full traffic ${upstream} would get ${rate(value)}, it has served ${rate(known)} well`;
    found.push({ verdict: "worse", reason: { code: "overload", upstream, value, limit, message } });
  }
  return found;
}

/** Of more hits than the baseline has; undefined: chance makes as many often enough. */
function verdictOf(canary: Part, baseline: Part): CanaryVerdict | undefined {
  const chance = chanceOfSoMany(canary, baseline);
  if (chance < CERTAIN) return "worse";
  return chance < DOUBTFUL ? "inconclusive" : undefined;
}

const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
const millis = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
const rate = (perSecond: number): string => `${perSecond.toFixed(1)} requests/s`;
