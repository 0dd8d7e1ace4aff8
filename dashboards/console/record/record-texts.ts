/** The texts of a live drill's files. */
export interface RecordTexts {
  readonly journal: string;
  /** Of the file `traffic.json` beside it, where somebody chose it, too. */
  readonly traffic: string | undefined;
}
