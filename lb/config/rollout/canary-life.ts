import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { AppliedVersion } from "../config-control.ts";
import { createCanaryArms, type CanaryArms } from "./canary-arms.ts";
import type { CanaryControlDeps } from "./canary-control.ts";
import { BY_ITSELF, createCanaryEnds, type CanaryEnds } from "./canary-ends.ts";
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
  const now = (): CanaryStatus => statusOf(there(running));

  function begin(admitted: AdmittedCanary): void {
    const { version, options } = admitted;
    const arms = startArms(deps, ends, admitted);
    const run = startCanaryRun(options, {
      clock,
      arms,
      servedWell,
      stepped: () => news.step(now()),
      baking: () => news.baking(now()),
      judged: (judgement) => news.verdict(now(), judgement),
      baked: () => void inTurn(async () => promoteBaked(version.version)),
      failed: (why, message) => void abort({ why, by: BY_ITSELF, message }),
    });
    running = begun(admitted, run, balancer.version, clock.wall());
    news.started(statusOf(running));
  }

  function ended(end: CanaryEnding): CanaryStatus {
    there(running).run.stop();
    last = endedStatus(now(), end, clock.wall());
    running = undefined;
    news.ended(last, end);
    return last;
  }

  function abort(end: CanaryEnding): CanaryStatus {
    const { version } = there(running).version;
    balancer.abortCanary();
    ends.keep(version, "aborted");
    // By hand it is no failure of a configuration.
    if (end.why !== "aborted") deps.onResult("failure");
    return ended(end);
  }

  const promote: CanaryLife["promote"] = (end) => promoteCanary(deps, there(running), () => ended(end));

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
    begin,
    abort,
    promote,
    stop() {
      servedWell.stop();
      running?.run.stop();
    },
  };
}

const begun = (
  admitted: AdmittedCanary,
  run: CanaryRun,
  stableVersion: number,
  startedAt: number,
): Running => ({ ...admitted, run, stableVersion, startedAt, problem: undefined });

function there(running: Running | undefined): Running {
  if (running) return running;
  throw new CodedError("NOT_FOUND", "there is no canary", { hint: "it has ended, or none was started" });
}

/** The users' arms, which requests meet from now on. What cannot be prepared is kept as aborted. */
function startArms(
  { balancer }: CanaryControlDeps,
  ends: CanaryEnds,
  { version: { version }, config, options: { user, share } }: AdmittedCanary,
): CanaryArms {
  try {
    const arms = createCanaryArms({ user, version, share }, { stable: balancer.config, canary: config });
    balancer.startCanary(config, version, arms);
    return arms;
  } catch (error) {
    ends.keep(version, "aborted");
    throw error;
  }
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
