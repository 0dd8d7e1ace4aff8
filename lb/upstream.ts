import type { UpstreamState, UpstreamView } from "./balancer.ts";
import type { Standing } from "./candidates.ts";
import type { UpstreamConfig } from "./config/schema.ts";
import type { TryResult } from "./outcome.ts";
import type { Candidate } from "./policies/policy.ts";
import type { Target } from "./transport/transport.ts";

/** What one health check found. `detail` is for people. */
export interface CheckResult {
  readonly ok: boolean;
  readonly detail: string;
  readonly durationMs: number;
}

/** The balancer's view of a backend in one pool, and the only owner of its counters. Only its pool changes it. */
export interface Upstream extends Candidate {
  readonly address: string;
  readonly target: Target;
  /** Its weight as people set it, 0..256; `weight` is what picks go by. */
  readonly configuredWeight: number;
  readonly maxConnections: number;
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
  /** Tries that failed, 5xx answers included; not those whose client left. */
  readonly failures: number;
  readonly check: CheckResult | undefined;
  readonly checkFailures: number;
  readonly standing: Standing;
  /** Takes new settings; name and address stay. */
  configure(settings: Pick<UpstreamConfig, "weight" | "maxConnections" | "state">, order: number): void;
  setWeight(weight: number): void;
  setAdmin(state: UpstreamConfig["state"]): void;
  setEjected(ejected: boolean): void;
  /** The part of its weight, 0..1, that picks go by. */
  setWarmth(ratio: number): void;
  /** One more, or one less, in flight. */
  take(): void;
  free(): void;
  sent(): void;
  ended(result: TryResult): void;
  /** Counts a check. `fall` failures in a row make it unhealthy, `rise` passes in a row healthy. */
  checked(result: CheckResult, fall: number, rise: number): void;
  /** Without checks nothing is known of its health, and it counts as UP. */
  forgetChecks(): void;
}

export function createUpstream({ name, address, ...settings }: UpstreamConfig): Upstream {
  /** Checks in a row with the same result: passed if positive, failed if negative. */
  let streak = 0;
  let warmth = 1;
  const weigh = (configured: number) => {
    self.configuredWeight = configured;
    self.weight = configured * warmth;
  };
  // Plain fields, not getters: policies read them in their innermost loops.
  const self: Writable<Upstream> = {
    name,
    address,
    target: parseAddress(address),
    weight: settings.weight,
    configuredWeight: settings.weight,
    maxConnections: settings.maxConnections,
    admin: settings.state,
    order: 0,
    inFlight: 0,
    peakInFlight: 0,
    requests: 0,
    failures: 0,
    healthy: true,
    ejected: false,
    check: undefined,
    checkFailures: 0,
    standing: { able: false, well: false, usable: false, listed: false, toldWeight: 0 },
    configure({ weight, maxConnections, state }, order) {
      weigh(weight);
      self.maxConnections = maxConnections;
      self.admin = state;
      self.order = order;
    },
    setWeight: weigh,
    setAdmin(state) {
      self.admin = state;
    },
    setEjected(ejected) {
      self.ejected = ejected;
    },
    setWarmth(ratio) {
      warmth = ratio;
      weigh(self.configuredWeight);
    },
    take() {
      self.inFlight += 1;
      if (self.inFlight > self.peakInFlight) self.peakInFlight = self.inFlight;
    },
    free() {
      self.inFlight -= 1;
    },
    sent() {
      self.requests += 1;
    },
    ended(result) {
      if (result !== "ok" && result !== "client-left") self.failures += 1;
    },
    checked(result, fall, rise) {
      self.check = result;
      if (!result.ok) self.checkFailures += 1;
      streak = result.ok ? Math.max(streak, 0) + 1 : Math.min(streak, 0) - 1;
      if (streak <= -fall) self.healthy = false;
      if (streak >= rise) self.healthy = true;
    },
    forgetChecks() {
      streak = 0;
      self.healthy = true;
      self.check = undefined;
    },
  };
  return self;
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

/** A picture of an upstream. `readyWeight` is the sum of the weights of all in its pool that are set to ready. */
export function viewOf(upstream: Upstream, pool: string, readyWeight: number): UpstreamView {
  const {
    name,
    address,
    admin,
    configuredWeight,
    inFlight,
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
    weight: configuredWeight,
    effectiveWeight: state === "UP" ? upstream.weight : 0,
    configuredShare: admin === "ready" && readyWeight > 0 ? configuredWeight / readyWeight : 0,
    inFlight,
    peakInFlight,
    maxConnections,
    requests,
    failures,
    check: upstream.check,
    checkFailures: upstream.checkFailures,
  };
}

/** Splits HOST:PORT; an IPv6 address is given in brackets. */
export function parseAddress(address: string): Target {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon);
  return {
    host: host.startsWith("[") ? host.slice(1, -1) : host,
    port: Number(address.slice(colon + 1)),
  };
}
