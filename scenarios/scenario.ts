import type { z } from "zod";
import type { BackendConfig } from "../backends/config.ts";
import type { balancerConfig } from "../lb/config/schema.ts";
import type { Action } from "./action.ts";
import type { Claim } from "./claim.ts";
import type { Diagnosis, OwnWords } from "./diagnosis.ts";
import type { PlaybookStep } from "./playbook.ts";
import type { Statement } from "./statement.ts";
import type { Timing } from "./timing.ts";

/** A balancer configuration as people write it: defaults left out. Ports as for the default port base. */
export type ConfigInput = z.input<typeof balancerConfig>;

/** A toy backend: its configuration, and how its unit restarts it. Ports as for the default port base. */
export type BackendSpec = Omit<BackendConfig, "seed" | "host"> & { readonly restartDelayMs?: number };

export interface Topology {
  readonly config: ConfigInput;
  readonly backends: readonly BackendSpec[];
}

export interface Workload {
  /** autocannon's requests a second, beside those of the prober's users. */
  readonly loadRequestsPerSecond: number;
  readonly users: {
    readonly count: number;
    readonly prefix: string;
    /** Milliseconds between two visits of a user, on average. */
    readonly visitEveryMs: number;
    /** How long a user waits for a page. */
    readonly timeoutMs: number;
    readonly login?: {
      readonly retryEveryMs: number;
      readonly retryJitter: number;
      /** Each failure lengthens the pause before the next attempt, up to so much. Absent: it stays the same. */
      readonly backOff?: { readonly factor: number; readonly atMostMs: number };
      readonly patienceMs: number;
      readonly rampMs: number;
    };
  };
  readonly pages: readonly string[];
  /** Users go to these pages instead, `prefix0`, `prefix1`, ..., which caches have from the start where there are any. */
  readonly catalogue?: { readonly prefix: string; readonly count: number };
  /** Calls of the dependent API a second, where the topology has one. */
  readonly apiPerSecond?: number;
}

/** What users have when all is well. The check holds every window against these. Ratios 0..1, durations in ms. */
export interface SteadyState {
  readonly failedRatio: number;
  readonly affectedRatio: number;
  readonly p95Ms: { readonly [route: string]: number };
}

/** Puts back exactly what a fault changed. Undos run last in, first out, always. */
export type Undo = () => Promise<void>;

/** A program of another team with its unit, as a package brings it. */
export interface PackageSpec {
  readonly name: string;
  readonly version: string;
  /** The environment it was built for: `production`, `staging`, ... */
  readonly environment: string;
  readonly unit: BackendSpec;
  /** Units that it is started ahead of, at boot and by its own install script. */
  readonly before: readonly string[];
}

/** Who did it and what they wrote into the change log. Neutral in wording: it states what was done, not what it broke. */
export interface ChangeNote {
  readonly by: string;
  readonly summary: string;
}

/** What a fault may touch. A world supplies it; a scenario never reaches for a process itself. */
export interface Stage {
  pushConfig(note: ChangeNote, config: ConfigInput): Promise<Undo>;
  /** Installs a package and restarts the units it is ordered before, as its install script would. */
  installPackage(note: ChangeNote, spec: PackageSpec): Promise<Undo>;
  /** A new version of a backend: its unit is restarted with it. */
  deploy(note: ChangeNote, unit: string, version: string): Promise<Undo>;
  /** Changes settings of a unit, and restarts it. */
  tune(note: ChangeNote, unit: string, set: Readonly<Record<string, string>>): Promise<Undo>;
  restart(note: ChangeNote, units: readonly string[]): Promise<Undo>;
  /** Takes units out of service, for good by the change log: they are stopped, and no boot starts them. */
  retire(note: ChangeNote, units: readonly string[]): Promise<Undo>;
}

export type Fault = (stage: Stage) => Promise<Undo>;

/** A figure of the impact and the band it must lie in, both ends included. */
export type Expectation = { readonly min?: number; readonly max?: number } & (
  | { readonly figure: "failedRequestRatio" | "affectedUserRatio" }
  /** Of all requests to the route. */
  | { readonly figure: "routeFailedRatio"; readonly route: string }
  /** Share of one answer (`500`, `503 UO`, `refused`) among the failures of a route. */
  | { readonly figure: "answerShare"; readonly answer: string; readonly route: string }
  /** p95 of the route against its p95 in steady state. */
  | { readonly figure: "p95Factor"; readonly route: string }
  /** Share of a route's answers that the backend with the most of them gives. */
  | { readonly figure: "busiestBackendShare"; readonly route: string }
  /** Share of all failures that carry the name of the backend with the most of them. */
  | { readonly figure: "worstBackendFailureShare" }
  /** Share of failed requests of the users that fail more than half of the time, and of all others. */
  | { readonly figure: "affectedUsersFailedRatio" | "otherUsersFailedRatio" }
  /** Automatic restarts a minute of the unit with the most of them. */
  | { readonly figure: "restartsPerMinute" }
);

export interface Impact {
  /** The first is the one the report states. */
  readonly expectations: readonly [Expectation, ...Expectation[]];
  /** Time for queues to fill and crashes to begin; measured from here on. */
  readonly settleMs: number;
}

/** A way of repair, or what people take for one. */
export interface Fix {
  readonly name: string;
  readonly steps: readonly Action[];
}

/** `drill`: seconds to a minute or two, for people and CI, in every world. `report`: the report's own length, simulated. */
export const PACES = ["drill", "report"] as const;
export type PaceName = (typeof PACES)[number];

/** One set of parameters for the mechanism. */
export interface PaceSet {
  readonly timing: Timing;
  readonly topology: Topology;
  readonly workload: Workload;
  readonly steadyState: SteadyState;
  /** Changes before the incident that are harmless. */
  readonly prelude: readonly Fault[];
  readonly change: readonly Fault[];
  readonly impact: Impact;
  /** How long users may take to be well again after a right fix. */
  readonly recoveryMs: number;
  /** The same after a restart of all units, which may sign everybody out. Absent: as after a fix. */
  readonly restartRecoveryMs?: number;
  readonly rightFixes: readonly Fix[];
  /** Users are well, but not after a restart. */
  readonly mitigations: readonly Fix[];
  readonly wrongFixes: readonly Fix[];
}

export interface FalseLead {
  readonly looksLike: string;
  readonly refutedBy: string;
  /** Units, packages and changes (by kind): looks at and acts on them count as following it. */
  readonly subjects: readonly string[];
}

export interface ReportFacts {
  readonly number: string;
  /** As the report writes it, with its time zone. */
  readonly window: string;
  readonly impact: string;
  readonly impactRatio: number;
  readonly status: string;
  readonly minutes: {
    readonly detect: number;
    readonly identify: number | null;
    readonly mitigate: number;
    readonly restore: number;
  };
  readonly userMinutesLostPer1000: number;
  readonly timeline: readonly { readonly minute: number; readonly event: string }[];
  /** Looks and acts of the report's own team, in order: its minutes are the responder `report`'s timetable. */
  readonly playbook: readonly PlaybookStep[];
  /** The report's statements that can be compared with a figure of a run at its own pace. */
  readonly claims: readonly Claim[];
  /** Every sentence of it that has a figure or an order, and what became of it. */
  readonly statements: readonly Statement[];
  readonly contradictions: readonly {
    readonly claim: string;
    readonly reason: string;
    readonly treatment: string;
  }[];
  readonly measures: readonly string[];
}

export interface Scenario {
  readonly id: string;
  /** Its name until the end, which reveals nothing. */
  readonly alias: string;
  readonly title: string;
  readonly report: ReportFacts;
  readonly paces: Readonly<Record<PaceName, PaceSet>>;
  readonly alerts: { readonly mustFire: readonly string[]; readonly mustNotFire: readonly string[] };
  /** The decisive looks, in order: the command, and what it shows. */
  readonly evidence: readonly { readonly look: string; readonly shows: string }[];
  readonly falseLeads: readonly FalseLead[];
  readonly hints: readonly string[];
  readonly diagnosis: {
    readonly accepted: readonly Diagnosis[];
    readonly refuted: readonly (Partial<Diagnosis> & { readonly because: string })[];
    /** Absent: the lab's own words are enough. */
    readonly words?: OwnWords;
  };
  /** Words that must not occur in anything a trainee can see before the end. */
  readonly spoilers: readonly string[];
}

export const defineScenario = <const S extends Scenario>(scenario: S): S => scenario;

export const paceOf = (scenario: Scenario, name: PaceName): PaceSet => scenario.paces[name];
