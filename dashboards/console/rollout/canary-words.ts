import type { ArmFigures, CanaryStatus } from "../../../lb/config/rollout/canary.ts";
import { clockTime, percent } from "../parts/figures.ts";

const share = (ratio: number): string => `${Math.round(ratio * 100)} %`;

/** Where a canary is, in a sentence. */
export function canaryText({
  version,
  stableVersion,
  phase,
  share: part,
  ended,
  options,
}: CanaryStatus): string {
  const who = `Version ${version}, tried beside version ${stableVersion}`;
  switch (phase) {
    case "growing":
      return `${who}: ${share(part)} of the users meet it; a verdict every ${options.everyMs / 1000} s, and with each better one ${share(options.step)} more.`;
    case "baking":
      return `${who}: ${share(part)} of the users meet it while it bakes for ${options.bakeMs / 1000} s.`;
    default:
      return `${who}: ${phase}${ended ? `, ${clockTime(ended.at)}: ${ended.message}` : ""}.`;
  }
}

/** An upstream's part of the attempts of each arm, 0..1; those with the most in the canary's come first. */
export function sharesOf(
  canary: ArmFigures,
  baseline: ArmFigures,
): readonly { readonly upstream: string; readonly canary: number; readonly baseline: number }[] {
  return [...new Set([...Object.keys(canary.shares), ...Object.keys(baseline.shares)])]
    .map((upstream) => ({
      upstream,
      canary: canary.shares[upstream] ?? 0,
      baseline: baseline.shares[upstream] ?? 0,
    }))
    .sort((a, b) => b.canary - a.canary || a.upstream.localeCompare(b.upstream));
}

/** An arm's failures of its requests. */
export const failedText = ({ requests, failures }: ArmFigures): string =>
  requests === 0 ? "–" : `${failures} of ${requests} (${percent(failures / requests)})`;
