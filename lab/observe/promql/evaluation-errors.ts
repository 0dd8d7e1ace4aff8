/** The data does not allow what the expression asks for, or it is too much: known only when it is evaluated. */
export class EvaluationError extends Error {
  override readonly name: string = "EvaluationError";
}

/** The time that the evaluation was given is over. */
export class TimeoutError extends EvaluationError {
  override readonly name = "TimeoutError";
}
