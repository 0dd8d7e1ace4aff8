import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { RolloutMetrics } from "../../telemetry/rollout-metrics.ts";
import type { ServiceCounts } from "../../telemetry/service-meter.ts";
import type { ConfigControl } from "../config-control.ts";
import type { ChangeLog } from "./change-log.ts";
import { lastBaked, type VersionInForce } from "./change-state.ts";
import type { Freezes } from "./freezes.ts";
import type { WatchOptions } from "./options.ts";
import type { PushWay } from "./push.ts";
import { createWatch, type Watch, type WatchVerdict } from "./watch.ts";

/** The author of what the balancer does by itself. */
export const AUTOMATIC = "automatic-rollback";

export interface AutomaticRollbackDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: ChangeLog;
  readonly metrics: Pick<RolloutMetrics, "verdicts" | "watching" | "rollbacks">;
  readonly counts: () => ServiceCounts;
  readonly control: () => Pick<ConfigControl, "rollback">;
  readonly freezes: Pick<Freezes, "freeze">;
}

/** Watches each version that takes effect, and puts the last one that has baked in force again when users are worse off. */
export interface AutomaticRollback {
  /** The version that is watched; undefined: none. */
  readonly watching: number | undefined;
  /** Undefined: off. */
  configure(options: WatchOptions | undefined): void;
  applied(version: VersionInForce, way: PushWay): void;
  stop(): void;
}

/** A version that has taken effect. */
interface Watched extends VersionInForce {
  readonly way: PushWay;
  /** That it is worse is in the log. */
  said: boolean;
  /** It is being put back, or there is nothing to put back. */
  busy: boolean;
}

export function createAutomaticRollback(deps: AutomaticRollbackDeps): AutomaticRollback {
  const { clock, log, changes, metrics, counts } = deps;
  let options: WatchOptions | undefined;
  let watch: Watch | undefined;
  let current: Watched | undefined;
  const putBack = createPutBack(deps);

  function show(): void {
    metrics.watching.of().value = watch?.version === undefined ? 0 : 1;
  }

  function onVerdict(version: number, verdict: WatchVerdict): void {
    const one = current;
    if (one?.version !== version) return;
    show();
    switch (verdict.verdict) {
      case "baked":
        metrics.verdicts.of("baked").value += 1;
        log.info({ version }, `version ${version} has baked`);
        return changes.note({ event: "baked", version, sha256: one.sha256 });
      case "inconclusive":
        metrics.verdicts.of("inconclusive").value += 1;
        log.warn({ version }, `version ${version} was watched to no verdict: ${verdict.because}`);
        return changes.note({ event: "inconclusive", version, message: verdict.because });
      case "worse":
        if (!one.said) {
          one.said = true;
          metrics.verdicts.of("worse").value += 1;
          log.error({ version }, `users are worse off with version ${version}: ${verdict.because}`);
          changes.note({ event: "worse", version, message: verdict.because });
          if (one.way === AUTOMATIC)
            log.error({ version }, "the rollback has not helped: the cause is not the configuration alone");
        }
        // What was put back by itself is not taken away by itself: two versions would take turns.
        if (options?.rollback === true && one.way !== AUTOMATIC && !one.busy)
          void putBack(one, verdict.because, options.freeze);
    }
  }

  return {
    get watching() {
      return watch?.version;
    },
    configure(wanted) {
      if (JSON.stringify(wanted) === JSON.stringify(options)) return;
      options = wanted;
      watch?.stop();
      watch = wanted && createWatch(wanted, { clock, counts, onVerdict });
      show();
    },
    applied({ version, sha256 }, way) {
      current = { version, sha256, way, said: false, busy: false };
      watch?.begin(version, way === AUTOMATIC ? "before" : undefined);
      show();
    },
    stop() {
      watch?.stop();
    },
  };
}

/** Puts the last version that has baked in force again, and freezes changes when `freeze` says so. Never rejects. */
function createPutBack({
  log,
  changes,
  metrics,
  control,
  freezes,
}: AutomaticRollbackDeps): (one: Watched, because: string, freeze: boolean) => Promise<void> {
  return async (one, because, freeze) => {
    const { version, sha256 } = one;
    const target = lastBaked(changes.state, sha256);
    if (!target) {
      one.busy = true;
      metrics.rollbacks.of("nowhere").value += 1;
      log.error({ version }, `there is no version that has baked to go back to from version ${version}`);
      return;
    }
    one.busy = true;
    try {
      const note = { author: AUTOMATIC, reason: because };
      const made = await control().rollback(target.version, note, { way: AUTOMATIC, expected: [version] });
      metrics.rollbacks.of("done").value += 1;
      log.error(
        { from: version, to: target.version, version: made.version },
        `version ${version} was rolled back to ${target.version}: ${because}`,
      );
      if (freeze)
        freezes.freeze(AUTOMATIC, `version ${version} was rolled back to ${target.version}: ${because}`);
    } catch (error) {
      // Another change came first: its version has a watch of its own.
      if (error instanceof CodedError && error.code === "CONFIG_CONFLICT") return;
      metrics.rollbacks.of("failed").value += 1;
      log.error(
        { from: version, to: target.version, err: messageOf(error) },
        "the automatic rollback failed",
      );
      // Tried again with the next verdict.
      one.busy = false;
    }
  };
}
