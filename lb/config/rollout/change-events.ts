import type { ChainedLine } from "../../../runtime/chained-lines.ts";
import type { RefusalReason, PushWay } from "./push.ts";

/** What happens to a configuration and its guards, as lines of the change log. Versions are those of the history. */
export type ChangeEvent =
  /** The log begins, or the process starts: this version is in force. The first one counts as baked. */
  | { readonly event: "began"; readonly version: number; readonly sha256: string }
  /** Written before the version takes effect. */
  | {
      readonly event: "applied";
      readonly way: PushWay;
      readonly version: number;
      readonly sha256: string;
      readonly author: string;
      readonly reason: string;
      readonly restores?: number;
      readonly approvedBy?: string;
      readonly emergency?: true;
    }
  /** The version that was written down last did not take effect after all. */
  | { readonly event: "failed"; readonly version: number; readonly message: string }
  | {
      readonly event: "refused";
      readonly way: PushWay;
      readonly author: string;
      readonly refusal: RefusalReason;
      readonly message: string;
    }
  | { readonly event: "baked"; readonly version: number; readonly sha256: string }
  | { readonly event: "inconclusive"; readonly version: number; readonly message: string }
  | { readonly event: "worse"; readonly version: number; readonly message: string }
  | {
      readonly event: "frozen";
      readonly by: string;
      readonly reason: string;
      /** ISO 8601; absent: until somebody thaws. */
      readonly until?: string;
    }
  | { readonly event: "thawed"; readonly by: string; readonly reason: string }
  | {
      readonly event: "proposed";
      readonly id: number;
      readonly by: string;
      readonly reason: string;
      /** The version that was in force. */
      readonly over: number;
      readonly sha256: string;
    }
  | {
      readonly event: "approved" | "rejected" | "withdrawn";
      readonly id: number;
      readonly by: string;
      readonly reason: string;
    }
  /** A change of an upstream at run time, gone with the next configuration. */
  | {
      readonly event: "upstream";
      readonly upstream: string;
      readonly weight?: number;
      readonly state?: string;
      readonly author: string;
      readonly emergency?: true;
    }
  /** What an audit found, when that is not what the one before found. */
  | { readonly event: "audited"; readonly problems: readonly string[] };

export type ChangeLine = ChainedLine & ChangeEvent;
