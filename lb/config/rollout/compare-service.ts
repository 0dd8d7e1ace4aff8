import { quantileMs, type ServiceCounts } from "../../telemetry/service-meter.ts";
import type { WatchOptions } from "./options.ts";

/** What a comparison says: worse, with the reason for people; not worse; or too few requests for either. */
export type Comparison =
  | { readonly verdict: "worse"; readonly because: string }
  | { readonly verdict: "well" | "unknown" };

export type CompareOptions = Pick<
  WatchOptions,
  "minRequests" | "minFailures" | "failureRatioRise" | "p95Factor"
>;

/** So many answers on both sides, before p95 says anything: it is made of a twentieth of them. */
const P95_REQUESTS = 100;
/** Nobody notices less, whatever the factor. */
const P95_RISE_MS = 50;
/** Without a time before the change to compare with, only what hardly anybody gets through is blamed on it. */
const BLIND_RATIO = 0.5;
/** Standard deviations of doubt: one false alarm in some 2,000 judgements by chance alone. */
const Z = 3.3;

/** Whether users are worse off after a change than before it, by failures and p95. Undefined `before`: nothing is known of it. */
export function compareService(
  before: ServiceCounts | undefined,
  after: ServiceCounts,
  options: CompareOptions,
): Comparison {
  const { minRequests, minFailures, failureRatioRise } = options;
  if (after.requests < minRequests) return { verdict: "unknown" };
  const known = before !== undefined && before.requests >= minRequests ? before : undefined;
  const usual = known ? known.failures / known.requests : 0;
  const tolerated = known ? usual + failureRatioRise : BLIND_RATIO;
  if (after.failures >= minFailures && surelyOver(after.failures, after.requests, tolerated))
    return {
      verdict: "worse",
      because: `${percent(after.failures / after.requests)} of ${after.requests} requests fail, before the change ${percent(usual)}`,
    };
  return (known && slower(known, after, options)) ?? { verdict: "well" };
}

function slower(
  before: ServiceCounts,
  after: ServiceCounts,
  { p95Factor }: CompareOptions,
): Comparison | undefined {
  if (before.requests < P95_REQUESTS || after.requests < P95_REQUESTS) return undefined;
  const [was, is] = [quantileMs(before, 0.95), quantileMs(after, 0.95)];
  if (was === undefined || is === undefined || is <= was * p95Factor || is - was < P95_RISE_MS)
    return undefined;
  return {
    verdict: "worse",
    because: `p95 is ${Math.round(is)} ms, before the change ${Math.round(was)} ms`,
  };
}

/** Whether the share behind `events` of `trials` is over `ratio` with hardly a doubt (Wilson's score interval, 1927). */
function surelyOver(events: number, trials: number, ratio: number): boolean {
  const share = events / trials;
  const z2 = Z * Z;
  const middle = share + z2 / (2 * trials);
  const spread = Z * Math.sqrt((share * (1 - share) + z2 / (4 * trials)) / trials);
  return (middle - spread) / (1 + z2 / trials) > ratio;
}

const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
