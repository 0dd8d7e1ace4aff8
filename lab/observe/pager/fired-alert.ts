import type { Labels } from "../samples.ts";

/** An alert as Alertmanager knows it: from its firing on. Times are epoch ms. */
export interface FiredAlert {
  /** Equal labels, equal fingerprint. */
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  /** Undefined while it fires. */
  readonly endsAt: number | undefined;
}
