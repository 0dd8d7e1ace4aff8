import { CodedError, type ErrorCode } from "../../../runtime/errors.ts";
import type { Finding } from "../lint/lint.ts";
import type { BalancerConfig } from "../schema.ts";
import type { ChangeNote } from "../store.ts";
import type { Identity } from "./identity.ts";

/** By which way a change comes: by the admin interface, from the file, or by the balancer itself. */
export type PushWay =
  | "apply"
  | "canary"
  | "rollback"
  | "approved"
  | "reload"
  | "start"
  | "upstream"
  | "automatic-rollback";

/** A change that is to take effect, as gates judge it. */
export interface Push {
  readonly way: PushWay;
  readonly note: ChangeNote;
  /** Who asks for it; undefined for the file's owner and for the balancer itself. */
  readonly by?: Identity | undefined;
  /** The reviewer who approved it, who is not its author. */
  readonly approvedBy?: string | undefined;
  /** The environment that it is meant for; undefined: it does not say. */
  readonly environment?: string | undefined;
  /** The emergency path: passes freeze, review, lint and environment, and says so everywhere. */
  readonly emergency?: boolean | undefined;
  /** SHA-256 of the configuration's text; undefined for a change of an upstream at run time. */
  readonly sha256?: string | undefined;
}

/** Why a gate refuses a change: the value of the label `reason` of lb_config_refused_total. */
export const REFUSALS = {
  lint: "LINT_REFUSED",
  frozen: "FROZEN",
  review: "REVIEW_REQUIRED",
  environment: "WRONG_ENVIRONMENT",
  own: "OWN_APPROVAL",
  role: "FORBIDDEN",
  canary: "CANARY_RUNNING",
} as const satisfies Record<string, ErrorCode>;

export type RefusalReason = keyof typeof REFUSALS;

/** A change that a gate refuses: nothing of it took effect. */
export class PushRefused extends CodedError {
  readonly reason: RefusalReason;
  /** What lint found, when that is why. */
  readonly findings: readonly Finding[];

  constructor(
    reason: RefusalReason,
    message: string,
    options: { readonly hint?: string; readonly findings?: readonly Finding[] } = {},
  ) {
    super(REFUSALS[reason], message, options.hint === undefined ? {} : { hint: options.hint });
    this.name = "PushRefused";
    this.reason = reason;
    this.findings = options.findings ?? [];
  }
}

/** What every change passes before it takes effect. Its methods throw PushRefused. */
export interface PushGate {
  /** By who, why and when; nothing is parsed yet. */
  admit(push: Push): void;
  /** By what it is: its settings and the findings against it. */
  judge(push: Push, config: BalancerConfig, findings: readonly Finding[]): void;
  /** By who asks and by what it is, as something that a reviewer may approve later: freeze and review are asked then. */
  propose(push: Push, config: BalancerConfig, findings: readonly Finding[]): void;
  /** Writes it down, before it is put in force as this version. Throws DISK: then it must not be. */
  record(push: Push, version: number, config: BalancerConfig): void;
  /** It is in force. */
  applied(push: Push, version: number): void;
  /** It is not, because of anything thrown. */
  refused(push: Push, error: unknown): void;
}
