import type { Finding } from "../../lb/config/lint/lint.ts";
import type { GuardAction } from "../../scenarios/action.ts";
import type { ActionResult } from "./action-result.ts";

/** A step of review or a freeze, as the admin API takes it. */
export interface GuardRequest {
  readonly path: string;
  readonly type: "application/json" | "application/yaml";
  readonly body: string;
}

/** Of a balancer's answer, what tells what became of the step. */
export interface GuardAnswer {
  /** Of a proposal. */
  readonly id?: number;
  /** Of a version that took effect. */
  readonly version?: number;
  /** ISO 8601; of a freeze. */
  readonly until?: string | undefined;
  readonly findings?: readonly Omit<Finding, "file">[];
}

/** `until`: epoch milliseconds at which a freeze ends. */
export function guardRequest(step: GuardAction, until: number | undefined): GuardRequest {
  const json = (path: string, body: object): GuardRequest => ({
    path,
    type: "application/json",
    body: JSON.stringify(body),
  });
  const { reason } = step;
  switch (step.do) {
    case "config propose":
      return { path: "/config/proposal", type: "application/yaml", body: step.yaml };
    case "config approve":
      return json(`/config/proposal/${step.proposal}/approve`, {});
    case "config reject":
      return json(`/config/proposal/${step.proposal}/reject`, {});
    case "config freeze":
      return json("/config/freeze", {
        reason,
        ...(until !== undefined && { until: new Date(until).toISOString() }),
      });
    case "config thaw":
      return json("/config/thaw", reason === undefined ? {} : { reason });
  }
}

/** The result of a step that was taken. */
export function guardResult(
  step: GuardAction,
  { id, version, until, findings = [] }: GuardAnswer,
): ActionResult {
  const found = findings.map((one) => ({ ...one, file: fileOf(step) }));
  const done = (message: string): ActionResult => ({
    ok: true,
    message,
    ...(found.length === 0 ? {} : { findings: found }),
  });
  switch (step.do) {
    case "config propose":
      return done(`proposal ${id} waits for a reviewer`);
    case "config approve":
      return done(`proposal ${step.proposal} is approved: version ${version} is active`);
    case "config reject":
      return done(`proposal ${step.proposal} is rejected`);
    case "config freeze":
      return done(`changes are frozen ${until === undefined ? "until they are thawed" : `until ${until}`}`);
    case "config thaw":
      return done("changes are no longer frozen");
  }
}

/** The name of the step's text in findings. */
export const fileOf = (step: GuardAction): string =>
  (step.do === "config propose" ? step.file : undefined) ?? "configuration";
