import type { AlertView } from "../observe/alert-log.ts";
import type { Phase } from "../drill/state.ts";
import type { WindowNote } from "../judge/traffic.ts";
import type { PoolStatus, UpstreamStatus } from "../world/world.ts";
import type { UnitView } from "../world/host.ts";
import type { OwnWords } from "../../scenarios/diagnosis.ts";

/** `status --json`, and what the live view draws. Ratios 0..1, durations in ms, times ISO 8601. */
export interface StatusView {
  readonly schemaVersion: 1;
  readonly listener: string;
  /** Undefined when the lab is up without a drill. */
  readonly drill: DrillView | undefined;
  readonly users: UsersView;
  readonly backends: readonly BackendView[];
  /** The balancer's own statistics; undefined when it does not answer. */
  readonly pools: readonly PoolView[] | undefined;
  readonly units: readonly UnitView[];
  readonly alerts: readonly AlertView[];
}

/** What users felt in one of the windows of 10 s, or less, since the first of them came. Times are epoch ms. */
export type UsersWindow = Pick<
  WindowNote,
  "from" | "to" | "requests" | "failed" | "affectedRatio" | "p95Ms" | "requestsPerSecond"
>;

export interface DrillView {
  readonly id: string;
  readonly alias: string;
  readonly phase: Phase;
  /** Seconds since the pager went off; undefined before. */
  readonly secondsSincePage: number | undefined;
  /** Until the time limit ends the drill; undefined without one. */
  readonly secondsLeft: number | undefined;
  readonly hintsTaken: number;
  readonly usersWell: boolean;
  readonly diagnosed: boolean;
  /** What a diagnosis can name beside the lab's own words, with the meaning of each; undefined without any. */
  readonly words?: OwnWords;
}

/** The last 10 s of the prober's users. */
export interface UsersView {
  readonly population: number;
  /** By prober and load together. */
  readonly requestsPerSecond: number;
  /** Of these, the requests of the prober's users, from which everything else here is computed. */
  readonly probeRequestsPerSecond: number;
  readonly loadRequestsPerSecond: number;
  /** Requests of the prober's users that have ended: without any, the ratios mean nothing. */
  readonly requests: number;
  readonly failedRatio: number;
  readonly affectedRatio: number;
  /** The share of failed requests of the affected users, and of all others. */
  readonly affectedFailedRatio: number | undefined;
  readonly othersFailedRatio: number | undefined;
  readonly routes: Readonly<
    Record<
      string,
      { readonly requests: number; readonly failedRatio: number; readonly p95Ms: number | undefined }
    >
  >;
  /** What failed requests got, by route: `503 UO`, `500`, `refused`, ... */
  readonly failures: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface BackendView {
  readonly backend: string;
  /** False where no request of the prober's users can be answered by it directly: its other figures mean nothing then. */
  readonly seen: boolean;
  /** Of the answers that its pool's upstreams gave the prober's users in the last 10 s. */
  readonly share: number;
  /** Its weight's share in its pool; null where the balancer's statistics lack it. */
  readonly configuredShare: number | null;
  readonly answersPerSecond: number;
  readonly failedRatio: number;
  readonly restarts: number;
  readonly state: string;
}

export interface PoolView extends Omit<PoolStatus, "upstreams"> {
  readonly upstreams: readonly UpstreamView[];
}

/** An upstream as the balancer's statistics show it; its counts run since the balancer's start. */
export interface UpstreamView extends UpstreamStatus {
  /** Attempts a second over the last 10 s, and those of them that failed; null where the metrics lack them. */
  readonly requestsPerSecond: number | null;
  readonly failuresPerSecond: number | null;
}
