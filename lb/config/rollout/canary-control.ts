import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { Balancer } from "../../balancer.ts";
import type { AppliedVersion, PushTerms } from "../config-control.ts";
import type { ConfigVersion } from "../history.ts";
import { lint, type Finding } from "../lint/lint.ts";
import { ConfigRefused } from "../refused.ts";
import type { BalancerConfig } from "../schema.ts";
import type { ChangeNote, ConfigStore } from "../store.ts";
import type { InTurn } from "../turns.ts";
import { createCanaryArms } from "./canary-arms.ts";
import { settingsOfBoth } from "./canary-limits.ts";
import { canaryRuns, optionsOf } from "./canary-refusals.ts";
import { startCanaryRun, type CanaryRun } from "./canary-run.ts";
import type { CanaryControl, CanaryEnd, CanaryEvent, CanaryOptions, CanaryStatus } from "./canary.ts";
import { canaryOptions } from "./options.ts";
import type { Push, PushGate } from "./push.ts";
import { watchServedWell } from "./served-well.ts";

export interface CanaryControlDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: ConfigStore;
  readonly balancer: Pick<
    Balancer,
    "config" | "version" | "pools" | "startCanary" | "promoteCanary" | "abortCanary"
  >;
  /** One change at a time, with those of ConfigControl. */
  readonly inTurn: InTurn;
  /** A configuration was asked for: it took effect, or the old one stayed. */
  readonly onResult: (result: "success" | "failure") => void;
  /** What every change has to pass; absent: nothing. */
  readonly gate?: PushGate | undefined;
}

/** A canary under way. */
interface Running {
  readonly version: ConfigVersion;
  readonly config: BalancerConfig;
  readonly push: Push;
  readonly stableVersion: number;
  readonly options: CanaryOptions;
  readonly startedAt: number;
  readonly findings: readonly Finding[];
  readonly run: CanaryRun;
  problem: string | undefined;
}

/** By whom a canary ends that its own verdicts end. */
const BY_ITSELF = "canary";

export function createCanaryControl(deps: CanaryControlDeps): CanaryControl {
  const { clock, log, store, balancer, inTurn, gate } = deps;
  const listeners = new Set<(event: CanaryEvent) => void>();
  const servedWell = watchServedWell(clock, () => balancer.pools());
  let running: Running | undefined;
  let last = reportLost();

  /** A canary of a process that has ended: the version in force serves all, and that is said. */
  function reportLost(): CanaryStatus | undefined {
    const open = openCanary();
    if (!open) return undefined;
    keepEnd(open.version, "lost");
    const message = `the canary of version ${open.version} has ended with its process: version ${balancer.version} serves all`;
    log.warn({ version: open.version, stableVersion: balancer.version }, message);
    return {
      version: open.version,
      stableVersion: balancer.version,
      author: open.author,
      reason: open.reason,
      startedAt: Date.parse(open.at),
      options: canaryOptions.parse({}),
      phase: "lost",
      share: 0,
      inconclusive: 0,
      judgements: [],
      ended: { at: clock.wall(), why: "lost", by: BY_ITSELF, message },
    };
  }

  function openCanary(): ConfigVersion | undefined {
    try {
      return store.openCanary();
    } catch (error) {
      log.error(`the history does not say whether there was a canary: ${messageOf(error)}`);
      return undefined;
    }
  }

  function keepEnd(version: number, how: "aborted" | "lost") {
    try {
      store.endCanary(version, how);
    } catch (error) {
      // It has ended all the same. At the next start it counts as lost.
      log.error({ version }, `the end of the canary could not be kept: ${messageOf(error)}`);
    }
  }

  function emit(event: CanaryEvent) {
    for (const run of listeners) run(event);
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

  function demand(): Running {
    if (running) return running;
    throw new CodedError("NOT_FOUND", "there is no canary", { hint: "it has ended, or none was started" });
  }

  /** Throws what the gate does, which counts it. */
  function admitted(push: Push, pass: () => void) {
    try {
      pass();
    } catch (error) {
      gate?.refused(push, error);
      throw error;
    }
  }

  function begin(started: Pick<Running, "version" | "config" | "options" | "findings" | "push">) {
    const { version, config, options } = started;
    const arms = createCanaryArms(
      { user: options.user, version: version.version, share: options.share },
      { stable: balancer.config, canary: config },
    );
    balancer.startCanary(config, version.version, arms);
    const events = (event: "step" | "baking") => () => {
      const status = statusOf(demand());
      log.info(
        { version: status.version, share: status.share },
        event === "step"
          ? `the canary of version ${status.version} serves ${percent(status.share)} of the users`
          : `the canary of version ${status.version} bakes`,
      );
      emit({ event, status });
    };
    const run = startCanaryRun(options, {
      clock,
      arms,
      servedWell,
      stepped: events("step"),
      baking: events("baking"),
      judged(judgement) {
        const status = statusOf(demand());
        const { verdict, share, reasons } = judgement;
        log.info({ version: status.version, verdict, share, reasons }, `the canary is ${verdict}`);
        emit({ event: "verdict", status, judgement });
      },
      baked: () => void inTurn(async () => promoteBaked(version.version)),
      failed: (why, message) => void abortNow(why, BY_ITSELF, message),
    });
    running = {
      ...started,
      stableVersion: balancer.version,
      startedAt: clock.wall(),
      run,
      problem: undefined,
    };
    const status = statusOf(running);
    log.info(
      { version: version.version, share: options.share },
      `version ${version.version} is a canary: ${percent(options.share)} of the users meet it`,
    );
    emit({ event: "started", status });
  }

  function ended(why: CanaryEnd, by: string, message: string): CanaryStatus {
    const one = demand();
    one.run.stop();
    const { problem: _, ...status } = statusOf(one);
    const promoted = why === "promoted" || why === "baked";
    last = {
      ...status,
      phase: promoted ? "promoted" : "aborted",
      share: promoted ? 1 : 0,
      ended: { at: clock.wall(), why, by, message },
    };
    running = undefined;
    log[promoted ? "info" : "warn"](
      { version: last.version, why, by },
      `the canary of version ${last.version} was ${last.phase}: ${message}`,
    );
    emit({ event: "ended", status: last });
    return last;
  }

  function abortNow(why: CanaryEnd, by: string, message: string): CanaryStatus {
    const { version } = demand();
    balancer.abortCanary();
    keepEnd(version.version, "aborted");
    // By hand it is no failure of a configuration.
    if (why !== "aborted") deps.onResult("failure");
    return ended(why, by, message);
  }

  /** The file first: what cannot be kept is not put in force, and the canary goes on. */
  function promoteNow(why: CanaryEnd, by: string, message: string): AppliedVersion {
    const { version, stableVersion, findings, push, config } = demand();
    let kept: ConfigVersion;
    try {
      // It was admitted when it began, and changes may have been frozen since.
      gate?.admit(push);
      gate?.record(push, version.version, config);
      kept = store.promoteCanary(version.version, stableVersion);
    } catch (error) {
      gate?.refused(push, error);
      throw error;
    }
    balancer.promoteCanary();
    store.settled(kept.version);
    deps.onResult("success");
    ended(why, by, message);
    gate?.applied(push, kept.version);
    return { ...kept, findings };
  }

  function promoteBaked(version: number) {
    if (running?.version.version !== version) return;
    try {
      promoteNow("baked", BY_ITSELF, "it has baked and was no worse than its baseline");
    } catch (error) {
      running.problem = messageOf(error);
      log.error({ version }, `the canary has baked and could not be promoted: ${running.problem}`);
    }
  }

  async function start(
    raw: string | Uint8Array,
    note: ChangeNote,
    given: Partial<CanaryOptions>,
    { expected, by, approvedBy, environment, emergency }: PushTerms,
  ): Promise<AppliedVersion> {
    if (running) throw canaryRuns(running.version.version);
    if (expected !== undefined && !expected.includes(balancer.version))
      throw new CodedError(
        "CONFIG_CONFLICT",
        `version ${balancer.version} is in force, and not what was expected`,
      );
    const options = optionsOf(given, balancer.config);
    const yaml = typeof raw === "string" ? raw : new TextDecoder().decode(raw);
    const sha256 = store.digest(yaml);
    const push: Push = { way: "canary", note, by, approvedBy, environment, emergency, sha256 };
    admitted(push, () => gate?.admit(push));
    const parsed = await store.parseAside(raw);
    if (!parsed.ok) throw new ConfigRefused(parsed.faults);
    const { config, faultAt } = parsed;
    const shared = settingsOfBoth(config, balancer.config);
    if (shared.length > 0) throw new ConfigRefused(shared.map(({ path, message }) => faultAt(path, message)));
    const findings = lint(
      { config, against: balancer.config, certificates: [], answers: [], now: clock.wall() },
      faultAt,
    );
    admitted(push, () => gate?.judge(push, config, findings));
    const version = store.beginCanary(yaml, note);
    try {
      begin({ version, config, options, findings, push });
    } catch (error) {
      keepEnd(version.version, "aborted");
      throw error;
    }
    return { ...version, findings };
  }

  return {
    get status() {
      return running ? statusOf(running) : last;
    },
    get running() {
      return running !== undefined;
    },
    start: (yaml, note, options = {}, terms = {}) =>
      inTurn(() =>
        start(yaml, note, options, terms).catch((error: unknown) => {
          deps.onResult("failure");
          log.error(`the canary was refused: ${messageOf(error)}`);
          throw error;
        }),
      ),
    promote: (note) => inTurn(async () => promoteNow("promoted", note.author, note.reason)),
    abort: (note) => inTurn(async () => abortNow("aborted", note.author, note.reason)),
    onEvent(run): Cancel {
      listeners.add(run);
      return () => void listeners.delete(run);
    },
    stop() {
      servedWell.stop();
      running?.run.stop();
    },
  };
}

const percent = (share: number): string => `${Math.round(1000 * share) / 10} %`;
