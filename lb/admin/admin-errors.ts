import type { FastifyError, FastifyReply } from "fastify";
import { CodedError, messageOf, type ErrorCode } from "../../runtime/errors.ts";
import { ConfigRefused } from "../config/refused.ts";
import { formatFault } from "../../runtime/yaml/fault.ts";

/** Every failure has this form. `faults` only when a configuration was refused. */
export interface AdminError {
  readonly error: {
    readonly code: string;
    readonly message: string;
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
  CANARY_RUNNING: 409,
  NOT_FOUND: 404,
  USAGE: 400,
  DISK: 507,
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
  if (error instanceof CodedError)
    return { status: STATUS[error.code] ?? 500, body: failure(error.code, error.message) };
  const { statusCode = 500, code = "BUG" } = error as Partial<FastifyError>;
  return {
    status: statusCode,
    body: failure(code.replace(/^FST_(ERR_)?/, ""), messageOf(error)),
  };
}

export function failure(code: string, message: string): AdminError {
  return { error: { code, message } };
}

export function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, body } = adminError(error);
  return reply.code(status).send(body);
}
