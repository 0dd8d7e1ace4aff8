import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { RolloutMetrics } from "../../telemetry/rollout-metrics.ts";
import { BY_HAND } from "../config-control.ts";
import { lint } from "../lint/lint.ts";
import type { ParsedConfig } from "../parse.ts";
import { ConfigRefused } from "../refused.ts";
import type { ConfigStore } from "../store.ts";
import type { ChangeLog } from "./change-log.ts";
import { requireClean } from "./lint-gate.ts";
import { createPushGate } from "./push-gate.ts";
import { PushRefused, type Push } from "./push.ts";

type Readable = ParsedConfig & { readonly ok: true };

/** What a start serves. */
export interface Opening {
  readonly parsed: Readable;
  readonly version: number;
  /** The file's change since the last end, when there is one and it may take effect. */
  readonly push: Push | undefined;
}

export interface OpeningDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: ConfigStore;
  readonly changes: ChangeLog;
  readonly metrics: RolloutMetrics;
  /** Past every guard, for this reason. */
  readonly emergency?: string | undefined;
}

/**
 * The configuration of a start: the file's, unless it was edited since the last end and the guards that were in force
 * then refuse the edit. Then it is the last one that was in force, and the file stays as it is: whoever is served must not
 * pay for a push that was refused. Throws ConfigRefused and, for a first file that lint refuses, PushRefused.
 */
export function openConfig(deps: OpeningDeps): Opening {
  const { store, changes, clock } = deps;
  const file = store.read();
  if (file.faults.length > 0) throw new ConfigRefused(file.faults);
  const parsed = readable(store.parse(file.yaml));
  const sha256 = store.digest(file.yaml);
  const { inForce } = changes.state;
  const last = inForce && store.at(inForce.version);
  if (!inForce || last?.sha256 !== inForce.sha256) {
    const { rollout } = parsed.config;
    // There is nothing better to serve, and nobody is served yet.
    if (rollout && deps.emergency === undefined && !inForce)
      requireClean(findingsOf(parsed, undefined, clock), rollout.lint);
    return { parsed, version: file.version, push: undefined };
  }
  if (inForce.sha256 === sha256) return { parsed, version: inForce.version, push: undefined };
  const emergency = deps.emergency !== undefined;
  const note = emergency ? { author: "file", reason: deps.emergency ?? "" } : BY_HAND;
  const push: Push = { way: "start", note, sha256, emergency };
  const old = readable(store.parse(last.yaml));
  const gate = createPushGate({
    ...deps,
    rules: () => old.config,
    inForce: () => inForce,
    onApplied: () => {},
  });
  try {
    gate.admit(push);
    gate.judge(push, parsed.config, findingsOf(parsed, old, clock));
    return { parsed, version: file.version, push };
  } catch (error) {
    if (!(error instanceof PushRefused)) throw error;
    gate.refused(push, error);
    deps.log.error(
      { version: inForce.version, err: messageOf(error) },
      `the file was edited and is refused; version ${inForce.version} is served, as before`,
    );
    return { parsed: old, version: inForce.version, push: undefined };
  }
}

const findingsOf = ({ config, faultAt }: Readable, old: Readable | undefined, clock: Clock) =>
  lint({ config, against: old?.config, certificates: [], answers: [], now: clock.wall() }, faultAt);

function readable(parsed: ParsedConfig): Readable {
  if (!parsed.ok) throw new ConfigRefused(parsed.faults);
  return parsed;
}
