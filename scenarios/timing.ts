/** The timing of a pace. Durations in milliseconds. */
export interface Timing {
  /** Length of a minute of the report. */
  readonly reportMinuteMs: number;
  /** Between two scrapes of everything, each followed by an evaluation of the alert rules. */
  readonly observeEveryMs: number;
  /** Between two looks of the judge at users. */
  readonly judgeEveryMs: number;
  /** Steady state has to hold within this time, or the drill is refused. */
  readonly steadyWithinMs: number;
  /** The change has to have its impact within this time, or the drill is void. */
  readonly impactWithinMs: number;
  /** A responder waits this long for a page before it gives up. */
  readonly pageWithinMs: number;
  /** The impact is measured for this long at most; it ends with the first action anyway. */
  readonly measureForMs: number;
  /** Users have to have been well for this long before the incident counts as over. */
  readonly wellForMs: number;
  /** Whether the end restarts all units once, to see whether the repair lasts. */
  readonly reboots: boolean;
}

/** For people and for CI: everything in seconds. */
export const DRILL_TIMING: Timing = {
  reportMinuteMs: 1000,
  observeEveryMs: 1000,
  judgeEveryMs: 500,
  steadyWithinMs: 60_000,
  impactWithinMs: 30_000,
  pageWithinMs: 90_000,
  // A whole night of the same outage adds nothing to its figures.
  measureForMs: 600_000,
  wellForMs: 0,
  reboots: true,
};

/** The reports' own length, in virtual time only. Nobody rebooted there. */
export const REPORT_TIMING: Timing = {
  reportMinuteMs: 60_000,
  observeEveryMs: 5000,
  judgeEveryMs: 5000,
  steadyWithinMs: 300_000,
  impactWithinMs: 300_000,
  pageWithinMs: 300_000,
  measureForMs: Infinity,
  wellForMs: 300_000,
  reboots: false,
};
