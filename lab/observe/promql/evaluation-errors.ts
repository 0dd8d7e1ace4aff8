/** The expression cannot be evaluated on the data, or is too expensive: known only at evaluation. */
export class EvaluationError extends Error {
  override readonly name: string = "EvaluationError";
}

/** The time that the evaluation was given is over. */
export class TimeoutError extends EvaluationError {
  override readonly name = "TimeoutError";
}
