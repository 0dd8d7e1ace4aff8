import { CodedError } from "../../runtime/errors.ts";
import type { MeasureActions } from "./measure.ts";

/** A series' labels and its value now. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** An expression's series now; none while monitoring does not answer. */
export async function instant(
  { monitoring }: Pick<MeasureActions, "monitoring">,
  expression: string,
): Promise<readonly Sample[]> {
  try {
    const answer = await monitoring.query({ expression });
    if (answer.resultType !== "vector") return [];
    return answer.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  } catch (error) {
    if (error instanceof CodedError) return [];
    throw error;
  }
}
