import type { Labels } from "../samples.ts";

/** An alert as Alertmanager knows it: from its firing on. Times are epoch ms. */
export interface FiredAlert {
  /** Equal labels, equal fingerprint. */
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** URL of the page that shows the alert's expression; empty where there is none. */
  readonly generatorUrl: string;
  readonly startsAt: number;
  /** Undefined while it fires. */
  readonly endsAt: number | undefined;
}
