import type { Labels } from "../samples.ts";

/** An alert as Alertmanager knows it: from its firing on. Times are epoch ms. */
export interface FiredAlert {
  /** Equal labels, equal fingerprint. */
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Where to look at what raised it; empty where that cannot be looked at. */
  readonly generatorUrl: string;
  readonly startsAt: number;
  /** Undefined while it fires. */
  readonly endsAt: number | undefined;
}
