import type { z } from "zod";
import type { balancerConfig, UpstreamConfig } from "../../lb/config/schema.ts";
import type { LinkCondition } from "../../lab/world/simulated/network.ts";

type PoolInput = z.input<typeof balancerConfig>["pools"][string];
export type PoolSettings = Omit<PoolInput, "upstreams">;

export interface UpstreamPlan {
  readonly name: string;
  /** Index of the backend behind it. */
  readonly backend: number;
  readonly weight: number;
  readonly maxConnections: number;
  readonly state: UpstreamConfig["state"];
}

export interface PoolPlan {
  readonly settings: PoolSettings;
  readonly upstreams: readonly UpstreamPlan[];
}

/** A configuration's pools by name. Each has a route of its own: `/NAME`. */
export type ConfigPlan = Readonly<Record<string, PoolPlan>>;

/** How a backend treats requests: the share `ratio` of them gets the fault `how`, the others are answered well. */
export interface Mood {
  readonly how: "well" | "5xx" | "stall" | "cut";
  readonly ratio: number;
  /** Its answers' bodies come in so many pieces, this far apart. */
  readonly pieces: number;
  readonly gapMs: number;
  /** Breaks off after so many pieces; absent: never. */
  readonly breaksAfter?: number;
  readonly health: "well" | "5xx" | "stall";
}

export interface BackendPlan {
  readonly slots: number;
  readonly serviceMs: number;
  readonly queueLimit: number;
  readonly mood: Mood;
}

export interface RequestStep {
  readonly at: number;
  readonly do: "request";
  readonly pool: string;
  readonly user: number;
  readonly method: string;
  readonly hasBody: boolean;
  /** The upstream's name in its sticky cookie. */
  readonly stuckTo?: string;
  readonly leavesAfterMs?: number;
  /** Its body turns out to be malformed. */
  readonly breaksAfterMs?: number;
  /** Its body stops arriving. */
  readonly owesBody?: boolean;
}

export type OptionalSetting = "sticky" | "health" | "outlier";

/** One edit of the configuration's file. What it names may be gone: then it edits nothing. */
export type Edit =
  | {
      readonly edit: "settings";
      readonly pool: string;
      readonly settings: Partial<PoolSettings>;
      readonly without: readonly OptionalSetting[];
    }
  | {
      readonly edit: "upstream";
      readonly pool: string;
      readonly name: string;
      readonly to: Partial<UpstreamPlan>;
    }
  | { readonly edit: "add"; readonly pool: string; readonly upstream: UpstreamPlan }
  | { readonly edit: "remove"; readonly pool: string; readonly name: string }
  | { readonly edit: "reverse"; readonly pool: string }
  | { readonly edit: "drop"; readonly pool: string }
  | { readonly edit: "pool"; readonly pool: string; readonly plan: PoolPlan };

export type Step =
  | RequestStep
  | { readonly at: number; readonly do: "apply"; readonly edits: readonly Edit[] }
  /** A configuration that changes nothing, one that is refused, or none at all: no request may show a difference. */
  | { readonly at: number; readonly do: "reload"; readonly what: "same" | "broken" | "none" }
  | { readonly at: number; readonly do: "weight"; readonly upstream: string; readonly weight: number }
  | {
      readonly at: number;
      readonly do: "state";
      readonly upstream: string;
      readonly state: UpstreamConfig["state"];
    }
  | { readonly at: number; readonly do: "crash" | "start"; readonly backend: number }
  | { readonly at: number; readonly do: "mood"; readonly backend: number; readonly mood: Mood }
  | {
      readonly at: number;
      readonly do: "link";
      /** Absent: the way of the users to the balancer. */
      readonly backend?: number;
      readonly condition: LinkCondition;
      readonly forMs: number;
    };

/** Everything that happens in one run, as data: the same plan gives the same run. */
export interface Plan {
  /** Of the random streams that run meanwhile: service times, picks, back-offs. */
  readonly seed: number;
  readonly backends: readonly BackendPlan[];
  readonly config: ConfigPlan;
  /** Milliseconds from the start, in ascending order. */
  readonly steps: readonly Step[];
}
