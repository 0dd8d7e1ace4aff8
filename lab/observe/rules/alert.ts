import type { Labels } from "../samples.ts";

/** One alert with its labels, as its rule sees it. Times are epoch ms. */
export interface AlertInstance {
  readonly name: string;
  /** With `alertname` and the rule's own labels, `severity` among them: `page` wakes somebody up, `inform` is only to be read. */
  readonly labels: Labels;
  /** `summary`, `description`, `runbook`: expanded templates. */
  readonly annotations: Labels;
  readonly state: "pending" | "firing";
  /** The expression's value at the last evaluation that had one. */
  readonly value: number;
  /** Since when the expression has held. */
  readonly activeAt: number;
  readonly firedAt: number | undefined;
  /** Since when the expression has not held while `keep_firing_for` keeps the alert firing. */
  readonly keptSince?: number | undefined;
  /** Its rule's expression. */
  readonly expression?: string | undefined;
}

/** One step in an alert's life: inactive, pending, firing, and back. */
export interface AlertTransition {
  /** Epoch ms. */
  readonly at: number;
  readonly from: "inactive" | "pending" | "firing";
  readonly to: "inactive" | "pending" | "firing";
  readonly alert: AlertInstance;
}
