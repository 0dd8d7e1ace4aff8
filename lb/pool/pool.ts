import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { Random } from "../../runtime/random.ts";
import { createAdmission, type Admission } from "./admission.ts";
import type { Observer, PoolView } from "../balancer.ts";
import { createCandidates, type Candidates } from "./candidates.ts";
import type { PoolConfig, UpstreamConfig } from "../config/schema.ts";
import { startChecker } from "./health/active.ts";
import { createOutlierDetection, type OutlierDetection } from "./health/outlier.ts";
import type { AttemptResult } from "../outcome.ts";
import { settingsOf, type PoolSettings } from "./pool-settings.ts";
import { createOutages, type Outages } from "../telemetry/outages.ts";
import { createRetryBudget, type RetryBudget } from "./retry-budget.ts";
import { createSlowStart, type SlowStart } from "./slow-start.ts";
import type { Transport } from "../transport/transport.ts";
import { configuredMembers, membersThatLeave, stopChecks, type Member } from "./members.ts";
import { createPoolLog, type PoolLog } from "./pool-log.ts";
import { shareBackends, type SharedEnd } from "./shared-backend.ts";
import type { Upstream } from "./upstream.ts";
import { stateOf, viewsOf } from "./upstream-view.ts";

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
  const pool = new UpstreamPool(name, initial, deps);
  pool.apply(initial, beside);
  return pool;
}

class UpstreamPool implements Pool {
  readonly name: string;
  settings: PoolSettings;
  readonly admission: Admission;
  readonly retryBudget: RetryBudget;
  private readonly deps: PoolDeps;
  private readonly log: PoolLog;
  private readonly outages: Outages;
  private readonly checkRandom: Random;
  private readonly candidates: Candidates;
  private readonly slowStart: SlowStart;
  private readonly outliers: OutlierDetection;
  private members = new Map<string, Member>();
  private retired = false;
  private started = false;

  constructor(name: string, initial: PoolConfig, deps: PoolDeps) {
    const { clock, observer } = deps;
    this.name = name;
    this.deps = deps;
    this.settings = settingsOf(initial);
    this.log = createPoolLog(name, deps.log);
    this.outages = createOutages(clock);
    this.retryBudget = createRetryBudget(clock);
    this.checkRandom = deps.random.fork("checks");
    this.candidates = createCandidates(() => this.upstreams(), initial, {
      clock,
      random: deps.random.fork("policy"),
    });
    this.admission = createAdmission({
      clock,
      candidates: this.candidates,
      find: (upstream) => this.members.get(upstream)?.upstream,
      settings: () => this.settings.config,
    });
    this.slowStart = createSlowStart(clock, (upstream, ratio) => {
      upstream.setSlowStartRatio(ratio);
      this.admission.changed(this.candidates.update(upstream));
    });
    this.outliers = createOutlierDetection({
      clock,
      poolSize: () => this.members.size,
      eject: (upstream) => {
        observer.ejected(name, upstream.name);
        this.setEjected(upstream, true);
      },
      readmit: (upstream) => this.setEjected(upstream, false),
    });
  }

  isAvailable(upstream: Upstream): boolean {
    return this.candidates.isAvailable(upstream);
  }

  began(upstream: Upstream): void {
    upstream.sent();
    upstream.backend?.countsChanged(upstream);
  }

  ended(upstream: Upstream, result: AttemptResult, durationMs: number, abandoned: boolean): void {
    upstream.ended(result);
    upstream.backend?.countsChanged(upstream);
    this.deps.observer.attempt(this.name, upstream.name, result);
    this.candidates.policy.observe?.(upstream, durationMs, abandoned);
    // One that has left the configuration is not judged any more.
    if (this.settings.config.outlier && this.members.get(upstream.name)?.upstream === upstream)
      if (!upstream.backend?.judges(upstream, result)) this.outliers.ended(upstream, result);
  }

  apply(config: PoolConfig, beside: Iterable<Pool> = []): void {
    const gone = membersThatLeave(this.members, config);
    // From the end: the view closes up behind each, and there is least behind the last.
    for (const member of gone.toReversed()) this.remove(member);

    const { checksBy } = this.settings;
    this.settings = settingsOf(config);
    const checksChanged = this.settings.checksBy !== checksBy;
    const configured = configuredMembers(this.members, config);
    this.members = configured.members;
    const others = Array.from(beside, (pool) => pool.ends()).flat();
    shareBackends(
      configured.fresh.map((member) => this.endOf(member)),
      others,
    );
    const { candidates, slowStart, outliers, admission } = this;
    candidates.configure(config, configured.reordered);
    slowStart.configure(candidates.policy.pins ? 0 : config.slowStartMs);
    outliers.configure(config.outlier);
    admission.resize(config.queue.limit);

    for (const member of this.members.values()) {
      if (checksChanged) {
        stopChecks(member);
        member.upstream.backend?.takeHealth(member.upstream);
      }
      this.watch(member);
      this.reportState(member);
    }
    admission.changed([...gone.map(({ upstream }) => upstream), ...this.upstreams()]);
    this.reportAvailability();
    this.started = true;
  }

  ends(): readonly SharedEnd[] {
    return Array.from(this.members.values(), (member) => this.endOf(member));
  }

  retire(): void {
    this.retired = true;
    this.admission.whenEmpty(() => {
      this.stop();
      for (const { upstream } of this.members.values()) upstream.backend?.leave(upstream);
    });
  }

  setWeight(upstream: string, weight: number): boolean {
    return this.change(upstream, (it) => it.setWeight(weight));
  }

  setState(upstream: string, state: UpstreamConfig["state"]): boolean {
    return this.change(upstream, (it) => it.setAdmin(state));
  }

  view(): PoolView {
    const { name, settings, admission, candidates } = this;
    return {
      name,
      policy: settings.config.policy.type,
      queueLength: admission.waiting,
      queuePeak: admission.peakWaiting,
      queueLimit: settings.config.queue.limit,
      peak: admission.peak,
      outage: this.outages.read(),
      panic: candidates.panic,
      upstreams: viewsOf(this.upstreams(), name, settings.config.health),
    };
  }

  close(): void {
    const gone = [...this.members.values()];
    for (const member of gone.toReversed()) this.remove(member);
    this.admission.changed(gone.map(({ upstream }) => upstream));
  }

  /** Ends all that it does by itself. */
  stop(): void {
    this.slowStart.stop();
    this.outliers.stop();
    for (const member of this.members.values()) stopChecks(member);
  }

  private upstreams(): Upstream[] {
    return Array.from(this.members.values(), ({ upstream }) => upstream);
  }

  private reportState(member: Member): void {
    const { upstream, reported } = member;
    const state = stateOf(upstream);
    if (state === reported) return;
    member.reported = state;
    this.deps.observer.upstreamState(this.name, upstream.name, state);
    if (state !== "UP") this.slowStart.end(upstream);
    // Those that a pool begins with all share its traffic from the start; a key's place must not move with time.
    else if (this.started && !this.candidates.policy.pins) this.slowStart.begin(upstream);
    if (reported !== undefined && !upstream.backend?.isReportedElsewhere(upstream))
      this.log.upstreamState(upstream, reported, state);
  }

  private setEjected(upstream: Upstream, ejected: boolean): void {
    this.change(upstream.name, () => upstream.setEjected(ejected));
    upstream.backend?.ejectionChanged(upstream);
  }

  private reassess(member: Member): void {
    this.reportState(member);
    this.admission.changed(this.candidates.update(member.upstream));
    this.reportAvailability();
  }

  private reportAvailability(): void {
    this.outages.update(this.candidates.anyUp);
    this.log.panic(this.candidates.panic);
  }

  private watch(member: Member): void {
    const { health } = this.settings.config;
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
      { ...this.deps, random: this.checkRandom },
      (result) => {
        this.log.checksUnsent(undefined);
        upstream.checked(result, health.fall, health.rise);
        this.deps.observer.check(this.name, upstream.name, result.ok, result.durationMs);
        this.reassess(member);
        upstream.backend?.checked(upstream);
      },
      (detail) => this.log.checksUnsent(detail),
    );
    backend?.watchChanged(upstream);
  }

  private isListed(member: Member): boolean {
    return this.members.get(member.upstream.name) === member;
  }

  private endOf(member: Member): SharedEnd {
    const { upstream } = member;
    const { name, candidates, admission, outliers } = this;
    return {
      pool: name,
      owner: candidates,
      upstream,
      checksBy: () => this.settings.checksBy,
      ejectsBy: () => this.settings.ejectsBy,
      isChecking: () => member.stopChecks !== undefined,
      isListed: () => this.isListed(member),
      isMember: () => !this.retired && this.isListed(member),
      loadChanged: () => admission.loadChanged(upstream),
      // One that has left may still have requests in flight; it is no candidate any more.
      stateChanged: () => void (this.isListed(member) && this.reassess(member)),
      watch: () => this.watch(member),
      judge: (result) => outliers.ended(upstream, result),
      waitingSince: () => admission.waitingSince(upstream),
      serveOne: () => admission.serveOne(upstream),
      serve: () => admission.serve(upstream),
    };
  }

  private remove(member: Member): void {
    stopChecks(member);
    this.members.delete(member.upstream.name);
    this.slowStart.end(member.upstream);
    this.outliers.forget(member.upstream);
    this.candidates.remove(member.upstream);
    member.upstream.backend?.removed(member.upstream);
  }

  private change(upstream: string, make: (upstream: Upstream) => void): boolean {
    const member = this.members.get(upstream);
    if (!member) return false;
    make(member.upstream);
    this.watch(member);
    this.reassess(member);
    return true;
  }
}
