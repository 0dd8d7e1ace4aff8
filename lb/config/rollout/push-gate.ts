import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { Finding } from "../lint/lint.ts";
import type { BalancerConfig } from "../schema.ts";
import type { ChangeLog } from "./change-log.ts";
import type { VersionInForce } from "./change-state.ts";
import { requireEnvironment } from "./environment-gate.ts";
import { freezeNow } from "./freeze.ts";
import { requireChanger } from "./identity.ts";
import { requireClean } from "./lint-gate.ts";
import { NO_ROLLOUT } from "./options.ts";
import { PushRefused, type Push, type PushGate } from "./push.ts";
import type { RolloutMetrics } from "../../telemetry/rollout-metrics.ts";

export interface PushGateDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: ChangeLog;
  readonly metrics: Pick<RolloutMetrics, "emergencies" | "refused">;
  /** The configuration whose rules count: the one in force. A push cannot loosen what it has to pass. */
  readonly rules: () => BalancerConfig;
  readonly inForce: () => VersionInForce;
  /** A version has taken effect, which the one before it did not have as its text. */
  readonly onApplied: (push: Push, version: number) => void;
}

/** Freeze, review, environment and lint, in this order; each by the rules of the configuration in force. */
export function createPushGate(deps: PushGateDeps): PushGate {
  return { ...createGuards(deps), ...createPushRecords(deps) };
}

/** What refuses. */
function createGuards({
  clock,
  changes,
  rules,
}: Pick<PushGateDeps, "clock" | "changes" | "rules">): Pick<PushGate, "admit" | "judge" | "propose"> {
  function admit(push: Push): void {
    if (push.by) requireChanger(push.by);
    if (passes(push)) return;
    const freeze = freezeNow(changes.state, clock);
    if (freeze)
      throw new PushRefused("frozen", `changes are frozen by ${freeze.by}: ${freeze.reason}`, {
        hint: freeze.until === undefined ? "wait until somebody thaws them" : `wait until ${freeze.until}`,
      });
    const { rollout = NO_ROLLOUT, environment } = rules();
    if (rollout.review === "required" && push.approvedBy === undefined)
      throw new PushRefused("review", "a change needs the approval of a reviewer who is not its author", {
        hint:
          push.way === "upstream"
            ? "propose a configuration that has it, or say that it is an emergency"
            : "propose it",
      });
    // A push without a target is judged by what its text says.
    if (push.environment !== undefined) requireEnvironment(environment, push.environment, "the change");
  }

  const passes = (push: Push): boolean =>
    push.emergency === true || isNoChange(push) || putsBackWhatBaked(push);

  /** A file that is read again for its certificates, say. */
  const isNoChange = ({ way, sha256 }: Push): boolean =>
    (way === "reload" || way === "start") && sha256 === changes.state.inForce?.sha256;

  /** What has served well was reviewed, and is what helps: no guard is in its way. */
  function putsBackWhatBaked({ way, sha256 }: Push): boolean {
    if (way === "automatic-rollback") return true;
    return way === "rollback" && sha256 !== undefined && changes.state.baked.has(sha256);
  }

  function judge(push: Push, config: BalancerConfig, findings: readonly Finding[]): void {
    if (passes(push)) return;
    const { rollout = NO_ROLLOUT, environment } = rules();
    requireEnvironment(environment, config.environment, "the configuration");
    requireClean(findings, rollout.lint);
  }

  function propose(push: Push, config: BalancerConfig, findings: readonly Finding[]): void {
    if (push.by) requireChanger(push.by);
    if (push.environment !== undefined)
      requireEnvironment(rules().environment, push.environment, "the change");
    judge({ ...push, emergency: false }, config, findings);
  }

  return { admit, judge, propose };
}

/** What writes down and counts. */
function createPushRecords({
  log,
  changes,
  metrics,
  rules,
  inForce,
  onApplied,
}: PushGateDeps): Pick<PushGate, "record" | "applied" | "refused"> {
  /** Written down as in force, which it is not yet. */
  let unsettled: number | undefined;

  /** Of what is guarded everything is written down; without guards there is no log. */
  const recorded = (): boolean => changes.begun || rules().rollout !== undefined;

  function record(push: Push, version: number, config: BalancerConfig): void {
    const { way, note, sha256, approvedBy, emergency } = push;
    const guarded = recorded() || config.rollout !== undefined;
    if (!guarded || sha256 === undefined || changes.state.inForce?.version === version) return;
    if (!changes.begun) changes.append({ event: "began", ...inForce() });
    const { author, reason, restores } = note;
    changes.append({
      event: "applied",
      way,
      version,
      sha256,
      author,
      reason,
      ...(restores !== undefined && { restores }),
      ...(approvedBy !== undefined && { approvedBy }),
      ...(emergency === true && { emergency }),
    });
    unsettled = version;
  }

  function applied(push: Push, version: number): void {
    unsettled = undefined;
    if (push.emergency === true) {
      metrics.emergencies.of(push.way).value += 1;
      log.warn(
        { version, way: push.way, author: push.note.author, reason: push.note.reason },
        `EMERGENCY: ${push.note.author} changed the configuration past every guard`,
      );
    }
    onApplied(push, version);
  }

  function refused(push: Push, error: unknown): void {
    if (error instanceof PushRefused) {
      metrics.refused.of(error.reason).value += 1;
      const { author } = push.note;
      log.warn({ reason: error.reason, way: push.way, author }, `a change was refused: ${error.message}`);
      noteRefusal(push, error);
      return;
    }
    if (unsettled === undefined) return;
    changes.note({ event: "failed", version: unsettled, message: messageOf(error) });
    unsettled = undefined;
  }

  function noteRefusal({ way, note: { author } }: Push, { reason, message }: PushRefused): void {
    if (!recorded()) return;
    changes.note({ event: "refused", way, author, refusal: reason, message });
  }

  return { record, applied, refused };
}
