import { parseAddress, type Target } from "../address.ts";
import type { UpstreamConfig } from "../config/schema.ts";
import type { AttemptResult, CheckResult } from "../outcome.ts";
import type { Candidate } from "../policies/policy.ts";
import type { Availability } from "./candidates.ts";
import type { SharedBackend } from "./shared-backend.ts";

/** The balancer's view of a backend in one pool, and the only owner of its counters. Only its pool changes it. */
export interface Upstream extends Candidate {
  readonly address: string;
  readonly target: Target;
  /** The weight that the configuration or an operator set, 0..256; `weight` is what picks go by. */
  readonly configuredWeight: number;
  readonly maxConnections: number;
  /** Requests in flight that have left HTTP: WebSockets live for hours, and take no place from others. */
  readonly tunnels: number;
  /** The state that the configuration or an operator set. */
  readonly admin: UpstreamConfig["state"];
  /** The most it ever had in flight. */
  readonly peakInFlight: number;
  /** False once `fall` health checks in a row have failed, until `rise` in a row have passed. */
  readonly healthy: boolean;
  /** Outlier detection keeps it out for a while. */
  readonly ejected: boolean;
  /** Attempts sent to it. */
  readonly requests: number;
  /** Attempts that failed, 5xx answers included; not those whose client left, or that never left this machine. */
  readonly failures: number;
  /** The latest health check; undefined: none was made. */
  readonly check: CheckResult | undefined;
  readonly checkFailures: number;
  /** Of these, those that failed while it was healthy. */
  readonly checkFailuresUp: number;
  /** Checks in a row with the same result: passed if positive, failed if negative. */
  readonly streak: number;
  readonly availability: Availability;
  /** What it shares with the upstreams of another version's pools; undefined while one version serves. */
  backend: SharedBackend | undefined;
  /** Takes over what another upstream of the same backend has counted or found. */
  follow(what: "load" | "counts" | "health" | "ejection", from: Upstream): void;
  /** Takes new settings; name and address stay. */
  configure(settings: Pick<UpstreamConfig, "weight" | "maxConnections" | "state">, order: number): void;
  setWeight(weight: number): void;
  setAdmin(state: UpstreamConfig["state"]): void;
  setEjected(ejected: boolean): void;
  /** Sets the part of its weight, 0..1, that picks go by. */
  setSlowStartRatio(ratio: number): void;
  /** Counts one more in flight. */
  take(): void;
  /** Counts one less in flight. */
  free(): void;
  /** Counts a request in flight that has become a tunnel. */
  openTunnel(): void;
  closeTunnel(): void;
  /** Counts an attempt. */
  sent(): void;
  /** Counts how an attempt ended. */
  ended(result: AttemptResult): void;
  /** Counts a check. `fall` failures in a row make it unhealthy, `rise` passes in a row healthy. */
  checked(result: CheckResult, fall: number, rise: number): void;
  /** Forgets its checks: without them it counts as UP. */
  forgetChecks(): void;
}

/** A new upstream: healthy until a check fails, and not available until its pool has assessed it. */
export const createUpstream = (config: UpstreamConfig): Upstream => new PoolUpstream(config);

/** True when it may have one more request in flight. */
export const hasRoom = ({ inFlight, tunnels, maxConnections }: Upstream): boolean =>
  inFlight - tunnels < maxConnections;

/** Results that do not count against the upstream. */
const NOT_ITS_FAULT: ReadonlySet<AttemptResult> = new Set(["ok", "client-left", "exhausted"]);

// A class, since a pool may have thousands; plain fields, not getters: policies read them in their innermost loops.
class PoolUpstream implements Upstream {
  readonly name: string;
  readonly address: string;
  readonly target: Target;
  weight: number;
  configuredWeight: number;
  maxConnections: number;
  admin: UpstreamConfig["state"];
  order = 0;
  inFlight = 0;
  tunnels = 0;
  peakInFlight = 0;
  requests = 0;
  failures = 0;
  healthy = true;
  ejected = false;
  check: CheckResult | undefined = undefined;
  checkFailures = 0;
  checkFailuresUp = 0;
  streak = 0;
  backend: SharedBackend | undefined = undefined;
  readonly availability: Availability = {
    enabled: false,
    up: false,
    available: false,
    candidate: false,
    notifiedWeight: 0,
  };
  private slowStartRatio = 1;

  constructor({ name, address, weight, maxConnections, state }: UpstreamConfig) {
    this.name = name;
    this.address = address;
    this.target = parseAddress(address);
    this.weight = weight;
    this.configuredWeight = weight;
    this.maxConnections = maxConnections;
    this.admin = state;
  }

  configure(
    { weight, maxConnections, state }: Pick<UpstreamConfig, "weight" | "maxConnections" | "state">,
    order: number,
  ): void {
    this.setWeight(weight);
    this.maxConnections = maxConnections;
    this.admin = state;
    this.order = order;
  }

  setWeight(weight: number): void {
    this.configuredWeight = weight;
    this.weight = weight * this.slowStartRatio;
  }

  setAdmin(state: UpstreamConfig["state"]): void {
    this.admin = state;
  }

  setEjected(ejected: boolean): void {
    this.ejected = ejected;
  }

  setSlowStartRatio(ratio: number): void {
    this.slowStartRatio = ratio;
    this.setWeight(this.configuredWeight);
  }

  take(): void {
    this.inFlight += 1;
    if (this.inFlight > this.peakInFlight) this.peakInFlight = this.inFlight;
  }

  free(): void {
    this.inFlight -= 1;
  }

  openTunnel(): void {
    this.tunnels += 1;
  }

  closeTunnel(): void {
    this.tunnels -= 1;
  }

  sent(): void {
    this.requests += 1;
  }

  ended(result: AttemptResult): void {
    if (!NOT_ITS_FAULT.has(result)) this.failures += 1;
  }

  checked(result: CheckResult, fall: number, rise: number): void {
    this.check = result;
    if (!result.ok) {
      this.checkFailures += 1;
      if (this.healthy) this.checkFailuresUp += 1;
    }
    this.streak = result.ok ? Math.max(this.streak, 0) + 1 : Math.min(this.streak, 0) - 1;
    if (this.streak <= -fall) this.healthy = false;
    if (this.streak >= rise) this.healthy = true;
  }

  forgetChecks(): void {
    this.streak = 0;
    this.healthy = true;
    this.check = undefined;
  }

  follow(what: "load" | "counts" | "health" | "ejection", from: Upstream): void {
    switch (what) {
      case "load":
        this.inFlight = from.inFlight;
        this.tunnels = from.tunnels;
        this.peakInFlight = Math.max(this.peakInFlight, from.peakInFlight);
        return;
      case "counts":
        this.requests = from.requests;
        this.failures = from.failures;
        return;
      case "health":
        this.healthy = from.healthy;
        this.check = from.check;
        this.checkFailures = from.checkFailures;
        this.checkFailuresUp = from.checkFailuresUp;
        this.streak = from.streak;
        return;
      case "ejection":
        this.ejected = from.ejected;
    }
  }
}
