/** What a backend's answer in JSON says, as values beside its text: where both are at hand nobody has to parse. */
export interface AnswerFacts {
  readonly backend: string;
  /** The request's. */
  readonly nonce: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}
