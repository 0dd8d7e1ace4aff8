/** What a drill has beside its scenario's data: its texts, and an instructor's bar. */
export interface DrillTerms {
  readonly brief: string;
  /** The report's story, for after the end. */
  readonly answer: string;
  /** The instructor's text beside the brief. */
  readonly briefing?: string | undefined;
  /** Absent: there is no bar, and a hint costs nothing. */
  readonly pass?: PassTerms | undefined;
}

/** Conditions to pass; users must be well in any case. */
export interface PassTerms {
  readonly durable: boolean;
  readonly diagnosis: boolean;
  readonly restoreWithinMinutes?: number | undefined;
  readonly maxHints?: number | undefined;
  readonly maxWrongActions?: number | undefined;
}
