import type { AuditReport } from "../../lb/config/rollout/audit.ts";
import type { CanaryStatus } from "../../lb/config/rollout/canary.ts";
import type { OpenProposal } from "../../lb/config/rollout/proposals.ts";
import type { RolloutStatus } from "../../lb/config/rollout/rollout.ts";

/** What guards a balancer's configuration, and what waits there. */
export interface RolloutView {
  readonly status: Omit<RolloutStatus, "proposal">;
  /** The one that runs, or the last one; null: there was none. */
  readonly canary: CanaryStatus | null;
  /** The one that waits for a reviewer; null: none does. */
  readonly proposal: OpenProposal | null;
}

/** What the last audit found; times are ISO 8601 in UTC, null: not yet. */
export interface AuditView extends Pick<AuditReport, "drift" | "findings"> {
  readonly comparedAt: string | null;
  readonly lintedAt: string | null;
  /** Why the configuration in force could not be put in force again; null: it could. */
  readonly fault: string | null;
}

export const auditView = ({ comparedAt, lintedAt, drift, findings, fault }: AuditReport): AuditView => ({
  comparedAt: comparedAt ?? null,
  lintedAt: lintedAt ?? null,
  drift,
  findings,
  fault: fault ?? null,
});

export function rolloutView(
  { proposal: _proposal, ...status }: RolloutStatus,
  canary: CanaryStatus | undefined,
  proposal: OpenProposal | undefined,
): RolloutView {
  return { status, canary: canary ?? null, proposal: proposal ?? null };
}
