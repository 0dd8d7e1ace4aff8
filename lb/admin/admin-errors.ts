import type { FastifyError, FastifyReply } from "fastify";
import { CodedError, messageOf, type ErrorCode } from "../../runtime/errors.ts";
import { formatFinding, type Finding } from "../config/lint/lint.ts";
import { ConfigRefused } from "../config/refused.ts";
import { PushRefused } from "../config/rollout/push.ts";
import { formatFault } from "../../runtime/yaml/fault.ts";

/** Every failure has this form. `faults` only when a configuration was refused. */
export interface AdminError {
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** What to do, where there is something to do. */
    readonly hint?: string;
    /** What lint found, when that is why; the same form as in the answer to a configuration that is taken. */
    readonly findings?: readonly object[];
    readonly faults?: readonly {
      readonly line: number;
      readonly column: number;
      readonly path: string;
      readonly message: string;
      /** All of it on one line, as `file:line:column: path: message`. */
      readonly text: string;
    }[];
  };
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 422,
  CONFIG_CONFLICT: 412,
  NOT_FOUND: 404,
  USAGE: 400,
  DISK: 507,
  LINT_REFUSED: 422,
  FROZEN: 423,
  REVIEW_REQUIRED: 403,
  WRONG_ENVIRONMENT: 409,
  OWN_APPROVAL: 403,
  FORBIDDEN: 403,
  CANARY_RUNNING: 409,
};

/** The status and the body for anything thrown; 500 is a bug. */
export function adminError(error: unknown): { readonly status: number; readonly body: AdminError } {
  if (error instanceof ConfigRefused) {
    const faults = error.faults.map((fault) => ({
      line: fault.line,
      column: fault.column,
      path: fault.path,
      message: fault.message,
      text: formatFault(fault),
    }));
    const message = `the configuration has ${faults.length} fault${faults.length === 1 ? "" : "s"}`;
    return { status: 422, body: { error: { code: error.code, message, faults } } };
  }
  if (error instanceof CodedError) {
    const { code, message, hint } = error;
    const findings = error instanceof PushRefused ? error.findings.map(withText) : [];
    const more = { ...(hint !== undefined && { hint }), ...(findings.length > 0 && { findings }) };
    return { status: STATUS[code] ?? 500, body: { error: { code, message, ...more } } };
  }
  const { statusCode = 500, code = "BUG" } = error as Partial<FastifyError>;
  return {
    status: statusCode,
    body: failure(code.replace(/^FST_(ERR_)?/, ""), messageOf(error)),
  };
}

/** A finding, with all of it on one line. */
export const withText = (finding: Finding): object => ({ ...finding, text: formatFinding(finding) });

export function failure(code: string, message: string): AdminError {
  return { error: { code, message } };
}

export function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, body } = adminError(error);
  return reply.code(status).send(body);
}
