import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { AppliedVersion } from "../config-control.ts";
import { createCanaryArms } from "./canary-arms.ts";
import type { CanaryControlDeps } from "./canary-control.ts";
import { BY_ITSELF, createCanaryEnds } from "./canary-ends.ts";
import type { CanaryNews } from "./canary-news.ts";
import { promoteCanary } from "./canary-promotion.ts";
import { startCanaryRun, type CanaryRun } from "./canary-run.ts";
import type { AdmittedCanary } from "./canary-start.ts";
import type { CanaryEnd, CanaryStatus } from "./canary.ts";
import { watchServedWell } from "./served-well.ts";

/** A canary under way. */
interface Running extends AdmittedCanary {
  readonly stableVersion: number;
  readonly startedAt: number;
  readonly run: CanaryRun;
  problem: string | undefined;
}

/** How a canary ends. */
export interface CanaryEnding {
  readonly why: CanaryEnd;
  readonly by: string;
  readonly message: string;
}

/** The canary that runs, from its first request to its end; one at a time. Each throws NOT_FOUND when there is none. */
export interface CanaryLife {
  /** Of the one that runs, or else of the last one. */
  readonly status: CanaryStatus | undefined;
  /** Its version; undefined: none runs. */
  readonly running: number | undefined;
  /** A part of the users meets it from now on. Throws when it cannot be prepared; then it is kept as aborted. */
  begin(admitted: AdmittedCanary): void;
  abort(end: CanaryEnding): CanaryStatus;
  /** Throws what its guards or the disk refuse, and it goes on. */
  promote(end: CanaryEnding): AppliedVersion;
  /** Ends its timers. */
  stop(): void;
}

export function createCanaryLife(deps: CanaryControlDeps, news: CanaryNews): CanaryLife {
  const { clock, log, balancer, inTurn } = deps;
  const servedWell = watchServedWell(clock, () => balancer.pools());
  const ends = createCanaryEnds({ ...deps, version: balancer.version });
  let running: Running | undefined;
  let last = ends.reportLost();

  function demand(): Running {
    if (running) return running;
    throw new CodedError("NOT_FOUND", "there is no canary", { hint: "it has ended, or none was started" });
  }

  function begin(admitted: AdmittedCanary): void {
    const { version, config, options } = admitted;
    const arms = createCanaryArms(
      { user: options.user, version: version.version, share: options.share },
      { stable: balancer.config, canary: config },
    );
    balancer.startCanary(config, version.version, arms);
    const run = startCanaryRun(options, {
      clock,
      arms,
      servedWell,
      stepped: () => news.step(statusOf(demand())),
      baking: () => news.baking(statusOf(demand())),
      judged: (judgement) => news.verdict(statusOf(demand()), judgement),
      baked: () => void inTurn(async () => promoteBaked(version.version)),
      failed: (why, message) => void abort({ why, by: BY_ITSELF, message }),
    });
    const now = { stableVersion: balancer.version, startedAt: clock.wall() };
    running = { ...admitted, ...now, run, problem: undefined };
    news.started(statusOf(running));
  }

  function ended(end: CanaryEnding): CanaryStatus {
    const one = demand();
    one.run.stop();
    last = endedStatus(statusOf(one), end, clock.wall());
    running = undefined;
    news.ended(last, end);
    return last;
  }

  function abort(end: CanaryEnding): CanaryStatus {
    const { version } = demand();
    balancer.abortCanary();
    ends.keep(version.version, "aborted");
    // By hand it is no failure of a configuration.
    if (end.why !== "aborted") deps.onResult("failure");
    return ended(end);
  }

  const promote = (end: CanaryEnding): AppliedVersion => promoteCanary(deps, demand(), () => ended(end));

  function promoteBaked(version: number): void {
    if (running?.version.version !== version) return;
    try {
      promote({ why: "baked", by: BY_ITSELF, message: "it has baked and was no worse than its baseline" });
    } catch (error) {
      running.problem = messageOf(error);
      log.error({ version }, `the canary has baked and could not be promoted: ${running.problem}`);
    }
  }

  return {
    get status() {
      return running ? statusOf(running) : last;
    },
    get running() {
      return running?.version.version;
    },
    begin(admitted) {
      try {
        begin(admitted);
      } catch (error) {
        ends.keep(admitted.version.version, "aborted");
        throw error;
      }
    },
    abort,
    promote,
    stop() {
      servedWell.stop();
      running?.run.stop();
    },
  };
}

function statusOf({ version, stableVersion, options, startedAt, run, problem }: Running): CanaryStatus {
  const { author, reason } = version;
  return {
    version: version.version,
    stableVersion,
    author,
    reason,
    startedAt,
    options,
    ...run.state,
    ...(problem !== undefined && { problem }),
  };
}

function endedStatus(status: CanaryStatus, { why, by, message }: CanaryEnding, at: number): CanaryStatus {
  const { problem: _, ...rest } = status;
  const promoted = why === "promoted" || why === "baked";
  return {
    ...rest,
    phase: promoted ? "promoted" : "aborted",
    share: promoted ? 1 : 0,
    ended: { at, why, by, message },
  };
}
