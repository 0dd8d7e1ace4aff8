import type { UpstreamState, UpstreamView } from "../balancer.ts";
import type { Availability } from "./candidates.ts";
import type { PoolConfig, UpstreamConfig } from "../config/schema.ts";
import type { CheckResult, AttemptResult } from "../outcome.ts";
import type { Candidate } from "../policies/policy.ts";
import { parseAddress, type Target } from "../address.ts";

/** The balancer's view of a backend in one pool, and the only owner of its counters. Only its pool changes it. */
export interface Upstream extends Candidate {
  readonly address: string;
  readonly target: Target;
  /** Its weight as people set it, 0..256; `weight` is what picks go by. */
  readonly configuredWeight: number;
  readonly maxConnections: number;
  /** Those of its requests in flight that have left HTTP: WebSockets live for hours, and take no place from others. */
  readonly tunnels: number;
  /** What people set it to. */
  readonly admin: UpstreamConfig["state"];
  /** The most it ever had in flight. */
  readonly peakInFlight: number;
  /** False once `fall` health checks in a row have failed, until `rise` in a row have passed. */
  readonly healthy: boolean;
  /** Outlier detection keeps it out for a while. */
  readonly ejected: boolean;
  /** Tries sent to it. */
  readonly requests: number;
  /** Tries that failed, 5xx answers included; not those whose client left, or that never left this machine. */
  readonly failures: number;
  readonly check: CheckResult | undefined;
  readonly checkFailures: number;
  /** Of these, those that failed while it was healthy. */
  readonly checkFailuresUp: number;
  /** Checks in a row with the same result: passed if positive, failed if negative. */
  readonly streak: number;
  readonly availability: Availability;
  /** Takes new settings; name and address stay. */
  configure(settings: Pick<UpstreamConfig, "weight" | "maxConnections" | "state">, order: number): void;
  setWeight(weight: number): void;
  setAdmin(state: UpstreamConfig["state"]): void;
  setEjected(ejected: boolean): void;
  /** The part of its weight, 0..1, that picks go by. */
  setSlowStartRatio(ratio: number): void;
  /** One more, or one less, in flight. */
  take(): void;
  free(): void;
  /** One that is in flight has become a tunnel, or such a one ends. */
  openTunnel(): void;
  closeTunnel(): void;
  sent(): void;
  ended(result: AttemptResult): void;
  /** Counts a check. `fall` failures in a row make it unhealthy, `rise` passes in a row healthy. */
  checked(result: CheckResult, fall: number, rise: number): void;
  /** Without checks nothing is known of its health, and it counts as UP. */
  forgetChecks(): void;
}

export function createUpstream({ name, address, ...settings }: UpstreamConfig): Upstream {
  // Plain fields, not getters: policies read them in their innermost loops.
  const self: State = {
    name,
    address,
    target: parseAddress(address),
    weight: settings.weight,
    configuredWeight: settings.weight,
    maxConnections: settings.maxConnections,
    admin: settings.state,
    order: 0,
    inFlight: 0,
    tunnels: 0,
    peakInFlight: 0,
    requests: 0,
    failures: 0,
    healthy: true,
    ejected: false,
    check: undefined,
    checkFailures: 0,
    checkFailuresUp: 0,
    availability: { enabled: false, up: false, available: false, candidate: false, notifiedWeight: 0 },
    streak: 0,
    slowStartRatio: 1,
    configure,
    setWeight,
    setAdmin,
    setEjected,
    setSlowStartRatio,
    take,
    free,
    openTunnel,
    closeTunnel,
    sent,
    ended,
    checked,
    forgetChecks,
  };
  return self;
}

interface State extends Writable<Upstream> {
  slowStartRatio: number;
}

// Shared by all, and not made for each: of thousands of upstreams each request would touch others that lie far away.
function configure(
  this: State,
  { weight, maxConnections, state }: Pick<UpstreamConfig, "weight" | "maxConnections" | "state">,
  order: number,
): void {
  this.setWeight(weight);
  this.maxConnections = maxConnections;
  this.admin = state;
  this.order = order;
}

function setWeight(this: State, weight: number): void {
  this.configuredWeight = weight;
  this.weight = weight * this.slowStartRatio;
}

function setAdmin(this: State, state: UpstreamConfig["state"]): void {
  this.admin = state;
}

function setEjected(this: State, ejected: boolean): void {
  this.ejected = ejected;
}

function setSlowStartRatio(this: State, ratio: number): void {
  this.slowStartRatio = ratio;
  this.setWeight(this.configuredWeight);
}

function take(this: State): void {
  this.inFlight += 1;
  if (this.inFlight > this.peakInFlight) this.peakInFlight = this.inFlight;
}

function free(this: State): void {
  this.inFlight -= 1;
}

function openTunnel(this: State): void {
  this.tunnels += 1;
}

function closeTunnel(this: State): void {
  this.tunnels -= 1;
}

/** Whether it may have one more request in flight. */
export const hasRoom = ({ inFlight, tunnels, maxConnections }: Upstream): boolean =>
  inFlight - tunnels < maxConnections;

function sent(this: State): void {
  this.requests += 1;
}

function ended(this: State, result: AttemptResult): void {
  if (!NOT_ITS_FAULT.has(result)) this.failures += 1;
}

/** What says nothing against the upstream that was tried. */
export const NOT_ITS_FAULT: ReadonlySet<AttemptResult> = new Set(["ok", "client-left", "exhausted"]);

function checked(this: State, result: CheckResult, fall: number, rise: number): void {
  this.check = result;
  if (!result.ok) {
    this.checkFailures += 1;
    if (this.healthy) this.checkFailuresUp += 1;
  }
  this.streak = result.ok ? Math.max(this.streak, 0) + 1 : Math.min(this.streak, 0) - 1;
  if (this.streak <= -fall) this.healthy = false;
  if (this.streak >= rise) this.healthy = true;
}

function forgetChecks(this: State): void {
  this.streak = 0;
  this.healthy = true;
  this.check = undefined;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** HAProxy's state word, and EJECTED. What people set comes before what checks found, and that before an ejection. */
export function stateOf(upstream: Upstream): UpstreamState {
  switch (upstream.admin) {
    case "maintenance":
      return "MAINT";
    case "drain":
      return "DRAIN";
    case "ready":
      if (!upstream.healthy) return "DOWN";
      return upstream.ejected ? "EJECTED" : "UP";
  }
}

/**
 * HAProxy's status: its state, with how many more checks it takes where some have gone the other way (`UP 2/3`), and
 * `no check` where nobody asks: it counts as UP, and may be dead.
 */
function statusOf(upstream: Upstream, health: PoolConfig["health"]): string {
  const { streak } = upstream;
  const state = stateOf(upstream);
  if (state === "MAINT") return state;
  if (!upstream.healthy) return health && streak > 0 ? `DOWN ${streak}/${health.rise}` : "DOWN";
  if (!health) return state === "UP" ? "no check" : state;
  return streak < 0 && state !== "EJECTED" ? `${state} ${health.fall + streak}/${health.fall}` : state;
}

/** A picture of an upstream. `readyWeight` is the sum of the weights of all in its pool that are set to ready. */
export function viewOf(
  upstream: Upstream,
  pool: string,
  readyWeight: number,
  health: PoolConfig["health"],
): UpstreamView {
  const {
    name,
    address,
    admin,
    configuredWeight,
    inFlight,
    tunnels,
    peakInFlight,
    maxConnections,
    requests,
    failures,
  } = upstream;
  const state = stateOf(upstream);
  return {
    pool,
    name,
    address,
    state,
    status: statusOf(upstream, health),
    weight: configuredWeight,
    effectiveWeight: state === "UP" ? upstream.weight : 0,
    configuredShare: admin === "ready" && readyWeight > 0 ? configuredWeight / readyWeight : 0,
    inFlight,
    tunnels,
    peakInFlight,
    maxConnections,
    requests,
    failures,
    check: upstream.check,
    checkFailures: upstream.checkFailures,
    checkFailuresUp: upstream.checkFailuresUp,
  };
}
