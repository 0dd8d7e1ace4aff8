/** A file's text, and what messages call the file. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** What rules and pager go by, as they are written. */
export interface MonitoringTexts {
  readonly rules: readonly TextFile[];
  /** In Alertmanager's format. */
  readonly pager: TextFile;
}
