import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { WrongAction } from "./wrong-action.ts";

/** How a measure ended an incident, and which one did: then the trainee neither passed nor failed. */
export interface Outcome {
  /** Prevented: it refused a change, and no user was hurt. Caught: it undid one, and that made users well. */
  readonly outcome: "prevented" | "caught";
  /** `measure:NAME` */
  readonly outcomeBy: string;
}

/** One incident's result as data; part of the JSON contract of `start --auto --all --json`. */
export interface Result extends Partial<Outcome> {
  readonly scenario: string;
  readonly alias: string;
  readonly reported: { readonly impactRatio: number; readonly status: string; readonly minutes: number };
  readonly measured: {
    readonly failedRequestRatio: number;
    readonly affectedUserRatio: number;
    readonly statuses: Readonly<Record<string, number>>;
    readonly secondsToDetect: number | null;
    readonly secondsToIdentify: number | null;
    readonly secondsToMitigate: number | null;
    readonly secondsToRestore: number | null;
    /** Until the end. */
    readonly userMinutesLostPer1000: number;
    /** As if an outage that was left had gone on until the report's own team had restored; the same for one that was not. */
    readonly projectedUserMinutesLostPer1000: number;
  };
  readonly inBand: boolean;
  /** False: it ended before its impact had settled, and the figures say little. */
  readonly impactSettled: boolean;
  /** The measure or the instructor whose act made users well; absent where the trainee's did, or nobody's. */
  readonly restoredBy?: string;
  readonly check: "OK" | "NO";
  readonly durable: boolean;
  readonly diagnosis: (Diagnosis & { readonly correct: boolean }) | null;
  readonly alerts: {
    /** What the pager said first, and how long after the first request had failed. */
    readonly page: string | null;
    readonly secondsFromFirstFailure: number | null;
    readonly fired: readonly string[];
    readonly falsePages: readonly string[];
    /** Everything fired that must, and nothing that must not. */
    readonly asExpected: boolean;
  };
  /** Steps that hurt users by measure, that put the faulty version back, or that were done to what a false lead points at. */
  readonly wrongActions: readonly string[];
  readonly wrongBecause: readonly WrongAction[];
  readonly minutesOnFalseLeads: number;
  readonly hints: number;
  /** False: what was done to the lab could not all be put back, so it was done without the lab's commands. Set when the reset is over. */
  readonly resetEqual?: boolean;
}
