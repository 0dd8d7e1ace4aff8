import type { ConfigVersion } from "../../lb/config/history.ts";
import type { Finding } from "../../lb/config/lint/lint.ts";
import { ConfigRefused } from "../../lb/config/refused.ts";
import { PushRefused, REFUSALS } from "../../lb/config/rollout/push.ts";
import { CodedError, messageOf, type ErrorCode } from "../../runtime/errors.ts";
import { formatFault, type Fault } from "../../runtime/yaml/fault.ts";
import type { ActionResult } from "./action-result.ts";

/** A balancer's answer to a request for another configuration. */
export type ConfigAnswer =
  | {
      readonly taken: true;
      readonly version: Pick<ConfigVersion, "version" | "restores">;
      /** What lint found in the text, which never keeps it from being taken. */
      readonly findings: readonly Finding[];
    }
  /** Refused for what is wrong at a place of the text. */
  | { readonly taken: false; readonly faults: readonly Omit<Fault, "file">[] }
  /** Refused for another reason: there is no such version, the disk is full. */
  | ConfigRefusal;

export interface ConfigRefusal {
  readonly taken: false;
  readonly message: string;
  /** Of a guard; absent for any other reason. */
  readonly code?: ErrorCode;
  /** What lint found, where that is why. */
  readonly findings?: readonly Finding[];
}

const REFUSAL_CODES: ReadonlySet<string> = new Set([...Object.values(REFUSALS), "CONFIG_CONFLICT"]);

/** A refusal's message; with its code, and what to do, where a guard refuses. */
export const refusalIn = (
  code: string,
  message: string,
  hint: string | undefined,
): { readonly message: string; readonly code?: ErrorCode } =>
  REFUSAL_CODES.has(code)
    ? { message: hint === undefined ? message : `${message}; ${hint}`, code: code as ErrorCode }
    : { message };

export function refusedBy(error: unknown): ConfigAnswer {
  if (error instanceof ConfigRefused) return { taken: false, faults: error.faults };
  const message = messageOf(error);
  const found = error instanceof PushRefused && error.findings.length > 0 ? { findings: error.findings } : {};
  const said = error instanceof CodedError ? refusalIn(error.code, message, error.hint) : { message };
  return { taken: false, ...said, ...found };
}

/** A balancer's answer as the result of an act, the same in every world; `file` names the text in it. */
export function configResult(answer: ConfigAnswer, file: string): ActionResult {
  if (answer.taken)
    return {
      ok: true,
      message: `version ${answer.version.version} is active${contentOf(answer.version)}`,
      ...(answer.findings.length === 0
        ? {}
        : { findings: answer.findings.map((one) => findingIn(file, one)) }),
    };
  if ("message" in answer) {
    const { message, code, findings = [] } = answer;
    return {
      ok: false,
      message,
      ...(code === undefined ? {} : { code }),
      ...(findings.length === 0 ? {} : { findings: findings.map((one) => findingIn(file, one)) }),
    };
  }
  const findings = answer.faults.map((fault) => findingIn(file, { ...fault, ...FAULT }));
  return { ok: false, code: FAULT.code, message: findings.map(formatFault).join("\n"), findings };
}

/** The same of a version that is tried on a part of the users. */
export function canaryResult(answer: ConfigAnswer, file: string): ActionResult {
  const result = configResult(answer, file);
  if (!answer.taken) return result;
  return {
    ...result,
    message: `version ${answer.version.version} is a canary: config promote or config abort end it by hand`,
  };
}

/** The same of a canary that was ended. */
export const abortResult = (answer: ConfigAnswer): ActionResult =>
  answer.taken
    ? { ok: true, message: `the canary of version ${answer.version.version} is aborted` }
    : configResult(answer, "");

/** A fault as a finding: everything that a configuration is refused for has one code. */
const FAULT = { code: "CONFIG_INVALID", severity: "error" } as const;

const findingIn = (
  file: string,
  { line, column, path, code, severity, message }: Omit<Finding, "file">,
): Finding => ({ file, line, column, path, code, severity, message });

/** The version whose content a rollback restores, as the end of a sentence. */
export const contentOf = ({ restores }: Pick<ConfigVersion, "restores">): string =>
  restores === undefined ? "" : `, with the content of version ${restores}`;
