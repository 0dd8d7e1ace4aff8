/** A file's text, and its path for messages. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** The texts of the rules and of the pager's configuration. */
export interface MonitoringTexts {
  readonly rules: readonly TextFile[];
  /** In Alertmanager's format. */
  readonly pager: TextFile;
}
