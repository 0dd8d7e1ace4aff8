import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { Random } from "../../runtime/random.ts";
import { createAdmission, type Admission } from "./admission.ts";
import type { Observer, PoolView } from "../balancer.ts";
import { createCandidates } from "./candidates.ts";
import type { PoolConfig, UpstreamConfig } from "../config/schema.ts";
import { startChecker } from "./health/active.ts";
import { createOutlierDetection } from "./health/outlier.ts";
import type { AttemptResult } from "../outcome.ts";
import { settingsOf, type PoolSettings } from "./pool-settings.ts";
import { createOutages } from "../telemetry/outages.ts";
import { createRetryBudget, type RetryBudget } from "./retry-budget.ts";
import { createSlowStart } from "./slow-start.ts";
import type { Transport } from "../transport/transport.ts";
import { configuredMembers, membersThatLeave, stopChecks, type Member } from "./members.ts";
import { createPoolLog } from "./pool-log.ts";
import { shareBackends, type SharedEnd } from "./shared-backend.ts";
import type { Upstream } from "./upstream.ts";
import { stateOf, viewOf } from "./upstream-view.ts";

/** Named upstreams behind one policy, one queue and one retry budget. Owns who is a member and who may be picked. */
export interface Pool {
  readonly name: string;
  readonly settings: PoolSettings;
  readonly admission: Pick<Admission, "acquire" | "leave" | "retry" | "tunnel" | "tunnelEnded" | "release">;
  readonly retryBudget: RetryBudget;
  /** True when this upstream may get a new request. */
  isAvailable(upstream: Upstream): boolean;
  /** An attempt has begun. */
  began(upstream: Upstream): void;
  /**
   * An attempt has ended: its head had come, or it had failed, `durationMs` after it was sent; `abandoned`: neither. The place in flight
   * is kept.
   */
  ended(upstream: Upstream, result: AttemptResult, durationMs: number, abandoned: boolean): void;
  /**
   * New settings. Upstreams of the same name and address stay the same objects; new ones share their backends with the pools of
   * another version that serves beside this one.
   */
  apply(config: PoolConfig, beside?: Iterable<Pool>): void;
  /** Its upstreams as others share their backends. */
  ends(): readonly SharedEnd[];
  /** Its version has ended and gets no new requests: once the last of its own has ended, it stops, and shares nothing more. */
  retire(): void;
  /** False when there is no upstream of that name. */
  setWeight(upstream: string, weight: number): boolean;
  setState(upstream: string, state: UpstreamConfig["state"]): boolean;
  view(): PoolView;
  /** It has left the configuration: those that wait are refused, those in flight may end. */
  close(): void;
  /** Ends its health checks and its other timers. */
  stop(): void;
}

export interface PoolDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly transport: Pick<Transport, "check">;
  readonly observer: Observer;
}

/** `beside`: pools of another version, with which it shares the backends that both have. */
export function createPool(
  name: string,
  initial: PoolConfig,
  deps: PoolDeps,
  beside: Iterable<Pool> = [],
): Pool {
  const { clock, observer } = deps;
  const log = createPoolLog(name, deps.log);
  const outages = createOutages(clock);
  const checkRandom = deps.random.fork("checks");
  let settings = settingsOf(initial);
  let retired = false;
  let members = new Map<string, Member>();
  const upstreams = () => Array.from(members.values(), ({ upstream }) => upstream);
  const candidates = createCandidates(upstreams, initial, { clock, random: deps.random.fork("policy") });
  const admission = createAdmission({
    clock,
    candidates,
    find: (upstream) => members.get(upstream)?.upstream,
    settings: () => settings.config,
  });

  const slowStart = createSlowStart(clock, (upstream, ratio) => {
    upstream.setSlowStartRatio(ratio);
    admission.changed(candidates.update(upstream));
  });
  const outliers = createOutlierDetection({
    clock,
    poolSize: () => members.size,
    eject(upstream) {
      observer.ejected(name, upstream.name);
      setEjected(upstream, true);
    },
    readmit: (upstream) => setEjected(upstream, false),
  });
  let started = false;

  function reportState(member: Member) {
    const { upstream, reported } = member;
    const state = stateOf(upstream);
    if (state === reported) return;
    member.reported = state;
    observer.upstreamState(name, upstream.name, state);
    if (state !== "UP") slowStart.end(upstream);
    // Those that a pool begins with all share its traffic from the start; a key's place must not move with time.
    else if (started && !candidates.policy.pins) slowStart.begin(upstream);
    if (reported !== undefined && !upstream.backend?.isReportedElsewhere(upstream))
      log.upstreamState(upstream, reported, state);
  }

  function setEjected(upstream: Upstream, ejected: boolean) {
    change(upstream.name, () => upstream.setEjected(ejected));
    upstream.backend?.ejectionChanged(upstream);
  }

  function reassess(member: Member) {
    reportState(member);
    admission.changed(candidates.update(member.upstream));
    reportAvailability();
  }

  function reportAvailability() {
    outages.update(candidates.anyUp);
    log.panic(candidates.panic);
  }

  function watch(member: Member) {
    const { health } = settings.config;
    const { upstream } = member;
    const { backend } = upstream;
    if (!health || upstream.admin === "maintenance" || backend?.isCheckedElsewhere(upstream)) {
      if (!member.stopChecks) return;
      stopChecks(member);
      return backend?.watchChanged(upstream);
    }
    if (member.stopChecks) return;
    member.stopChecks = startChecker(
      health,
      upstream.target,
      { ...deps, random: checkRandom },
      (result) => {
        log.checksUnsent(undefined);
        upstream.checked(result, health.fall, health.rise);
        observer.check(name, upstream.name, result.ok, result.durationMs);
        reassess(member);
        upstream.backend?.checked(upstream);
      },
      (detail) => log.checksUnsent(detail),
    );
    backend?.watchChanged(upstream);
  }

  function isListed(member: Member): boolean {
    return members.get(member.upstream.name) === member;
  }

  function endOf(member: Member): SharedEnd {
    const { upstream } = member;
    return {
      pool: name,
      owner: candidates,
      upstream,
      checksBy: () => settings.checksBy,
      ejectsBy: () => settings.ejectsBy,
      isChecking: () => member.stopChecks !== undefined,
      isListed: () => isListed(member),
      isMember: () => !retired && isListed(member),
      loadChanged: () => admission.loadChanged(upstream),
      // One that has left may still have requests in flight; it is no candidate any more.
      stateChanged: () => void (isListed(member) && reassess(member)),
      watch: () => watch(member),
      judge: (result) => outliers.ended(upstream, result),
      waitingSince: () => admission.waitingSince(upstream),
      serveOne: () => admission.serveOne(upstream),
      serve: () => admission.serve(upstream),
    };
  }

  function remove(member: Member) {
    stopChecks(member);
    members.delete(member.upstream.name);
    slowStart.end(member.upstream);
    outliers.forget(member.upstream);
    candidates.remove(member.upstream);
    member.upstream.backend?.removed(member.upstream);
  }

  function apply(config: PoolConfig, beside: Iterable<Pool> = []) {
    const gone = membersThatLeave(members, config);
    // From the end: the view closes up behind each, and there is least behind the last.
    gone.toReversed().forEach(remove);

    const { checksBy } = settings;
    settings = settingsOf(config);
    const checksChanged = settings.checksBy !== checksBy;
    const configured = configuredMembers(members, config);
    ({ members } = configured);
    shareBackends(configured.fresh.map(endOf), Array.from(beside, (pool) => pool.ends()).flat());
    candidates.configure(config, configured.reordered);
    slowStart.configure(candidates.policy.pins ? 0 : config.slowStartMs);
    outliers.configure(config.outlier);
    admission.resize(config.queue.limit);

    for (const member of members.values()) {
      if (checksChanged) {
        stopChecks(member);
        member.upstream.backend?.takeHealth(member.upstream);
      }
      watch(member);
      reportState(member);
    }
    admission.changed([...gone.map(({ upstream }) => upstream), ...upstreams()]);
    reportAvailability();
    started = true;
  }

  function change(upstream: string, make: (upstream: Upstream) => void): boolean {
    const member = members.get(upstream);
    if (!member) return false;
    make(member.upstream);
    watch(member);
    reassess(member);
    return true;
  }

  /** Ends all that it does by itself. */
  function stop() {
    slowStart.stop();
    outliers.stop();
    for (const member of members.values()) stopChecks(member);
  }

  apply(initial, beside);
  return {
    name,
    get settings() {
      return settings;
    },
    admission,
    retryBudget: createRetryBudget(clock),
    isAvailable: (upstream) => candidates.isAvailable(upstream),
    began(upstream) {
      upstream.sent();
      upstream.backend?.countsChanged(upstream);
    },
    ended(upstream, result, durationMs, abandoned) {
      upstream.ended(result);
      upstream.backend?.countsChanged(upstream);
      observer.attempt(name, upstream.name, result);
      candidates.policy.observe?.(upstream, durationMs, abandoned);
      // One that has left the configuration is not judged any more.
      if (settings.config.outlier && members.get(upstream.name)?.upstream === upstream)
        if (!upstream.backend?.judges(upstream, result)) outliers.ended(upstream, result);
    },
    apply,
    ends: () => Array.from(members.values(), endOf),
    retire() {
      retired = true;
      admission.whenEmpty(() => {
        stop();
        for (const { upstream } of members.values()) upstream.backend?.leave(upstream);
      });
    },
    setWeight: (upstream, weight) => change(upstream, (it) => it.setWeight(weight)),
    setState: (upstream, state) => change(upstream, (it) => it.setAdmin(state)),
    view() {
      const all = upstreams();
      const readyWeight = all.reduce(
        (sum, { admin, configuredWeight }) => sum + (admin === "ready" ? configuredWeight : 0),
        0,
      );
      return {
        name,
        policy: settings.config.policy.type,
        queueLength: admission.waiting,
        queuePeak: admission.peakWaiting,
        queueLimit: settings.config.queue.limit,
        peak: admission.peak,
        outage: outages.read(),
        panic: candidates.panic,
        upstreams: all.map((upstream) => viewOf(upstream, name, readyWeight, settings.config.health)),
      };
    },
    close() {
      const gone = [...members.values()];
      gone.toReversed().forEach(remove);
      admission.changed(gone.map(({ upstream }) => upstream));
    },
    stop,
  };
}
