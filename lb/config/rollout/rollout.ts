import type { Clock } from "../../../runtime/clock.ts";
import type { Log } from "../../../runtime/log.ts";
import type { Balancer } from "../../balancer.ts";
import type { UpstreamChange } from "../../pool/pool-control.ts";
import { beginRolloutMetrics, type RolloutMetrics } from "../../telemetry/rollout-metrics.ts";
import type { ServiceMeter } from "../../telemetry/service-meter.ts";
import type { ConfigControl } from "../config-control.ts";
import type { BalancerConfig } from "../schema.ts";
import type { ConfigStore } from "../store.ts";
import { createAudit, type Audit } from "./audit.ts";
import { createAutomaticRollback } from "./automatic-rollback.ts";
import type { CanaryControl } from "./canary.ts";
import type { ChangeEvent } from "./change-events.ts";
import type { ChangeLog } from "./change-log.ts";
import { lastBaked, type Freeze, type Proposal, type VersionInForce } from "./change-state.ts";
import { createFreezes, type Freezes } from "./freezes.ts";
import { createProposals, type Proposals } from "./proposals.ts";
import { REFUSALS, type Push, type PushGate } from "./push.ts";
import { createPushGate } from "./push-gate.ts";
import { createUpstreamChange, type UpstreamPush } from "./upstream-change.ts";

/** The guards of a balancer's configuration at a glance. */
export interface RolloutStatus {
  readonly version: number;
  readonly environment: string | undefined;
  readonly review: "off" | "required";
  readonly frozen: Freeze | undefined;
  /** The version that is watched until it has baked. */
  readonly watching: number | undefined;
  /** The version that a rollback would put back. */
  readonly lastBaked: number | undefined;
  readonly proposal: Proposal | undefined;
}

/** Everything that guards the configuration and looks after it, by the settings of the one in force. */
export interface Rollout {
  readonly gate: PushGate;
  readonly freezes: Freezes;
  readonly proposals: Proposals;
  readonly audit: Audit;
  readonly changes: ChangeLog;
  readonly status: RolloutStatus;
  /** The first configuration is in force; with a push when it is another one than at the last end. */
  started(push: Push | undefined): void;
  /** Runs a change of an upstream at run time when the guards let it pass. Throws PushRefused, and what `run` throws. */
  changeUpstream<T>(upstream: string, change: UpstreamChange, by: UpstreamPush, run: () => T): T;
  /** Ends all timers. */
  stop(): void;
}

export interface RolloutDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: ChangeLog;
  readonly metrics: RolloutMetrics;
  readonly meter: ServiceMeter;
  readonly store: Pick<ConfigStore, "at" | "beside" | "digest" | "fileDigest">;
  readonly balancer: Pick<Balancer, "config" | "version" | "pools">;
  readonly control: () => ConfigControl;
  readonly canary: () => Pick<CanaryControl, "start" | "running" | "abort">;
}

export function createRollout(deps: RolloutDeps): Rollout {
  const { changes, metrics, meter, store, balancer } = deps;
  let current: VersionInForce | undefined;
  let watchedLast: number | undefined;
  const inForce = (): VersionInForce => {
    if (current?.version !== balancer.version)
      current = { version: balancer.version, sha256: store.at(balancer.version)?.sha256 ?? "" };
    return current;
  };
  const { gate, freezes, rollback, proposals, audit } = createParts(deps, inForce, onApplied);

  /** Takes up the settings of the configuration in force. */
  function configure({ rollout }: BalancerConfig): void {
    meter.turn(rollout !== undefined);
    if (rollout !== undefined || changes.begun) beginRolloutMetrics(metrics, Object.keys(REFUSALS));
    rollback.configure(rollout?.watch);
    audit.configure(rollout?.audit);
  }

  function onApplied({ way }: Push, version: number): void {
    const isNew = version !== watchedLast;
    configure(balancer.config);
    if (!isNew) return;
    watchedLast = version;
    rollback.applied(inForce(), way);
  }

  return {
    gate,
    freezes,
    proposals,
    audit,
    changes,
    get status() {
      const { version, sha256 } = inForce();
      const { environment, rollout } = balancer.config;
      return {
        version,
        environment,
        review: rollout?.review ?? "off",
        frozen: freezes.now,
        watching: rollback.watching,
        lastBaked: lastBaked(changes.state, sha256)?.version,
        proposal: changes.state.proposal,
      };
    },
    started(push) {
      configure(balancer.config);
      const now = inForce();
      watchedLast = now.version;
      // A start goes on without its line: users would pay for a disk that is full.
      if (changes.begun && push) changes.note(startedLine(push, now));
      else if (balancer.config.rollout !== undefined && !changes.begun)
        changes.note({ event: "began", ...now });
      // One that has baked needs no second watch after each start.
      if (!changes.state.baked.has(now.sha256)) rollback.applied(now, "start");
    },
    changeUpstream: createUpstreamChange({ gate, changes, balancer }),
    stop() {
      freezes.stop();
      rollback.stop();
      audit.stop();
    },
  };
}

/** `onApplied` is called when a version has taken effect. */
function createParts(
  deps: RolloutDeps,
  inForce: () => VersionInForce,
  onApplied: (push: Push, version: number) => void,
) {
  const { clock, log, changes, metrics, meter, store, balancer, control, canary } = deps;
  const shared = { clock, log, changes, metrics };
  const rules = () => balancer.config;
  const gate = createPushGate({ ...shared, inForce, rules, onApplied });
  const freezes = createFreezes(shared);
  /** A canary of a version that is given up ends first: one change at a time. */
  const putBack: ConfigControl["rollback"] = async (version, note, terms) => {
    if (canary().running) await canary().abort(note);
    return control().rollback(version, note, terms);
  };
  return {
    gate,
    freezes,
    rollback: createAutomaticRollback({
      ...shared,
      counts: () => meter.read(),
      control: () => ({ rollback: putBack }),
      freezes,
    }),
    proposals: createProposals({
      ...shared,
      texts: store.beside.proposals,
      digest: (text) => store.digest(text),
      gate,
      inForce: () => balancer.version,
      control,
      canary,
    }),
    audit: createAudit({
      ...shared,
      inForce,
      active: rules,
      pools: () => balancer.pools(),
      fileDigest: () => store.fileDigest(),
      control,
    }),
  };
}

const startedLine = ({ note: { author, reason }, emergency }: Push, now: VersionInForce): ChangeEvent => ({
  event: "applied",
  way: "start",
  ...now,
  author,
  reason,
  ...(emergency === true && { emergency }),
});
