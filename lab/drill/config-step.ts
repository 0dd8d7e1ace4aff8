/** What a step changed of the balancer's configuration. */
export interface ConfigStep {
  /** SHA-256 of the text before and after; both are kept beside the journal. */
  readonly before: string;
  readonly after: string;
  /** Unified, without a head; absent where it would be too long to read, or no record is kept. */
  readonly diff?: string;
}
