import { CodedError } from "../../runtime/errors.ts";
import type { LoadSeen } from "./judge-config.ts";
import type { MeasureActions } from "./measure.ts";

/** Requests in flight by pool, on average over the last so many seconds (Little's law: rate times time). */
export async function loadSeen(
  { monitoring }: Pick<MeasureActions, "monitoring">,
  windowSeconds: number,
): Promise<LoadSeen> {
  try {
    const expression = `sum by (pool) (rate(lb_response_seconds_sum[${Math.max(5, Math.round(windowSeconds))}s]))`;
    const answer = await monitoring.query({ expression });
    if (answer.resultType !== "vector") return new Map();
    return new Map(answer.result.map(({ metric, value }) => [metric["pool"] ?? "", Number(value[1])]));
  } catch (error) {
    // Monitoring that does not answer has seen no load: the rule that needs it says nothing.
    if (error instanceof CodedError) return new Map();
    throw error;
  }
}
