/** Exit codes, the same everywhere in the project. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  environment: 3,
  notSolved: 4,
  drillVoid: 5,
  interrupted: 130,
} as const;

/** Every error a user can meet, by its stable code, and the exit code it leads to. */
export const ERROR_CATALOGUE = {
  CONFIG_INVALID: EXIT.usage,
  CONFIG_CONFLICT: EXIT.usage,
  USAGE: EXIT.usage,
  NOT_FOUND: EXIT.usage,
  PORT_IN_USE: EXIT.environment,
  LAB_NOT_RUNNING: EXIT.environment,
  LAB_RUNNING: EXIT.environment,
  ENVIRONMENT: EXIT.environment,
  DISK: EXIT.environment,
  UNIT_FAILED: EXIT.environment,
  NOT_SOLVED: EXIT.notSolved,
  DRILL_REFUSED: EXIT.drillVoid,
  DRILL_VOID: EXIT.drillVoid,
  SPOILER: EXIT.drillVoid,
  LINT_REFUSED: EXIT.drillVoid,
  FROZEN: EXIT.drillVoid,
  REVIEW_REQUIRED: EXIT.drillVoid,
  WRONG_ENVIRONMENT: EXIT.drillVoid,
  OWN_APPROVAL: EXIT.drillVoid,
  FORBIDDEN: EXIT.drillVoid,
  CANARY_RUNNING: EXIT.drillVoid,
} as const;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** An error that a person can act on: a code to look up, a message, and what to do next. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  /** One sentence on what to do, when there is something to do. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CodedError";
    this.code = code;
    this.hint = options.hint;
  }

  get exitCode(): number {
    return ERROR_CATALOGUE[this.code];
  }
}

/** The system's error code (`ECONNREFUSED`, `ENOSPC`, ...) of anything thrown, if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

/** A message for people from anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
