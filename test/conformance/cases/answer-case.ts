/** Bytes that an upstream answers with, and what its client may get. Text is latin1: a byte a character. */
export interface AnswerCase {
  /** Where it is ruled. */
  readonly rule: string;
  readonly what: string;
  /** Of the request that is answered; HTTP/1.1 without a `version`. */
  readonly method: string;
  readonly version: "1.0" | "1.1";
  readonly bytes: string;
  /** What the upstream does with its connection then. */
  readonly ending: "keep" | "end" | "reset";
  readonly outcome: AnswerOutcome;
}

/**
 * - `relayed`: the client gets just this, and the next request gets its own answer;
 * - `invalid`: 502 UPE, nothing of it reaches the client;
 * - `reset`: 502 UC, the same;
 * - `cut`: it may have begun, but its client can see that it is not whole.
 */
export type AnswerOutcome =
  | { readonly kind: "relayed"; readonly answer: RelayedAnswer }
  | { readonly kind: "invalid" | "reset" | "cut" };

export interface RelayedAnswer {
  readonly status: number;
  readonly body: string;
  readonly interim: readonly number[];
  /** Field lines that it has among others, `name: value`, names in lower case. */
  readonly has: readonly string[];
  /** Names of fields that it must not have. */
  readonly lacks: readonly string[];
  readonly trailers: readonly string[];
}

type Setting = Partial<Pick<AnswerCase, "method" | "version" | "ending">>;

const answerCase = (
  rule: string,
  what: string,
  bytes: string,
  outcome: AnswerOutcome,
  { method = "GET", version = "1.1", ending = "keep" }: Setting,
): AnswerCase => ({ rule, what, bytes, outcome, method, version, ending });

export const relayed = (
  rule: string,
  what: string,
  bytes: string,
  status: number,
  {
    body = "",
    interim = [],
    has = [],
    lacks = [],
    trailers = [],
    ...setting
  }: Partial<Omit<RelayedAnswer, "status">> & Setting = {},
): AnswerCase =>
  answerCase(
    rule,
    what,
    bytes,
    { kind: "relayed", answer: { status, body, interim, has, lacks, trailers } },
    setting,
  );

export const invalid = (rule: string, what: string, bytes: string, setting: Setting = {}): AnswerCase =>
  answerCase(rule, what, bytes, { kind: "invalid" }, setting);

export const reset = (rule: string, what: string, bytes: string, setting: Setting): AnswerCase =>
  answerCase(rule, what, bytes, { kind: "reset" }, setting);

export const cut = (rule: string, what: string, bytes: string, setting: Setting = {}): AnswerCase =>
  answerCase(rule, what, bytes, { kind: "cut" }, setting);
