import type { Query } from "../promql/query.ts";
import type { Template } from "./template/template.ts";

/** A parsed alerting or recording rule. */
export type Rule = AlertRule | RecordingRule;

interface RuleBounds {
  /** More alerts or series than this are an error, and none is kept; 0: any number. */
  readonly limit: number;
  /** How far before the evaluation's time its query reads and its series are written. */
  readonly queryOffsetMs: number;
}

export interface AlertRule extends RuleBounds {
  readonly kind: "alert";
  readonly name: string;
  readonly query: Query;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: ReadonlyMap<string, Template>;
  readonly annotations: ReadonlyMap<string, Template>;
  /** Labels and annotations as they are written. */
  readonly written: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> };
}

export interface RecordingRule extends RuleBounds {
  readonly kind: "record";
  readonly name: string;
  readonly query: Query;
  readonly labels: Readonly<Record<string, string>>;
}
