import { instant } from "./instant.ts";
import type { LoadSeen } from "./judge-config.ts";
import type { MeasureActions } from "./measure.ts";

/** Requests in flight by pool, on average over the last so many seconds (Little's law: rate times time). */
export async function loadSeen(
  actions: Pick<MeasureActions, "monitoring">,
  windowSeconds: number,
): Promise<LoadSeen> {
  const seconds = Math.max(5, Math.round(windowSeconds));
  const samples = await instant(actions, `sum by (pool) (rate(lb_response_seconds_sum[${seconds}s]))`);
  return new Map(samples.map(({ labels, value }) => [labels["pool"] ?? "", value]));
}
