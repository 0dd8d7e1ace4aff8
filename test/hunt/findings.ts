/** What must hold whatever happens. */
export type Invariant =
  | "no crash"
  | "one outcome"
  | "true records"
  | "nothing stays"
  | "only to available upstreams"
  | "connection limits"
  | "queue limit"
  | "queue order"
  | "no needless waiting"
  | "in time"
  | "retry budget"
  | "retry rules"
  | "nothing unsafe twice"
  | "stickiness holds"
  | "ejections"
  | "health checks"
  | "the policy's choice"
  | "shares by weight"
  | "recovery"
  | "metrics"
  | "true views"
  | "no effect of reloads, same seed same run";

export interface Finding {
  readonly invariant: Invariant;
  readonly atMs: number;
  readonly detail: string;
}

/** More findings of one run add nothing. */
const MOST = 20;

export interface Findings {
  readonly list: readonly Finding[];
  broken(invariant: Invariant, detail: string): void;
}

export function createFindings(nowMs: () => number): Findings {
  const list: Finding[] = [];
  return {
    list,
    broken(invariant, detail) {
      if (list.length < MOST) list.push({ invariant, atMs: nowMs(), detail });
    },
  };
}
