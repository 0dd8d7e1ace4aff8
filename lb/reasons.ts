/** What a client reads about why its request was not served, or not to its end. No upstream is named: clients need not know them. */
interface Explanation {
  readonly sentence: string;
  /** The status of a request that is refused for this before it is routed. */
  readonly status?: number;
}

/**
 * Why the balancer did not relay a whole answer: a closed set, in the access log as `reason` and in the metrics as a
 * label. Those with a status are refusals of what a client sent.
 */
export const REASONS = {
  "no-upstream": { sentence: "No upstream can take this request now." },
  "connect-refused": { sentence: "The upstream could not be connected to." },
  "retries-used-up": { sentence: "No upstream could be connected to, and no more attempts are left." },
  "connect-timeout": { sentence: "The upstream did not accept the connection in time." },
  "connections-exhausted": { sentence: "The balancer has no connection left for an upstream." },
  "reset-before-answer": { sentence: "The upstream closed the connection before it answered." },
  "answer-timeout": { sentence: "The upstream did not answer in time." },
  "total-timeout": { sentence: "The request took too long in all." },
  "answer-stalled": { sentence: "The upstream did not go on with its answer in time." },
  "answer-invalid": { sentence: "The upstream's answer was not valid HTTP." },
  "answer-cut": { sentence: "The upstream broke off its answer." },
  "upgrade-invalid": { sentence: "The upstream switched to a protocol that was not asked for." },
  "queue-full": { sentence: "Too many requests are waiting already." },
  "queue-timeout": { sentence: "The request waited too long for its turn." },
  "no-route": { sentence: "No route matches this host and path." },
  "client-left": { sentence: "The client left." },
  "body-slow": { sentence: "The request's body stopped arriving, or came too slowly." },
  "body-malformed": { sentence: "The request's body was not valid HTTP.", status: 400 },
  "field-ambiguous": {
    sentence: "A field's name could be taken for that of a field which the balancer writes.",
    status: 400,
  },
  "head-slow": { sentence: "The request took too long to arrive.", status: 408 },
  "head-too-large": { sentence: "The request's head is too large.", status: 431 },
  "line-malformed": { sentence: "A line of the request does not end as HTTP's do.", status: 400 },
  "method-malformed": { sentence: "The request does not begin with a method of HTTP.", status: 400 },
  "method-unknown": { sentence: "The request's method is not known.", status: 501 },
  "method-not-allowed": { sentence: "The request's method is not served here.", status: 405 },
  "target-malformed": { sentence: "The request's target is not a path or a URL of HTTP.", status: 400 },
  "target-fragment": { sentence: "The request's target has a fragment.", status: 400 },
  "version-malformed": { sentence: "The request's version is not one of HTTP.", status: 400 },
  "version-unsupported": { sentence: "The request's version of HTTP is not supported.", status: 505 },
  "field-malformed": { sentence: "One of the request's fields is not valid HTTP.", status: 400 },
  "host-missing": { sentence: "The request has no Host.", status: 400 },
  "host-repeated": { sentence: "The request has more than one Host.", status: 400 },
  "host-malformed": { sentence: "The request's Host is not a host.", status: 400 },
  "length-malformed": { sentence: "The request's Content-Length is not a length.", status: 400 },
  "length-repeated": { sentence: "The request has more than one Content-Length.", status: 400 },
  "length-and-coding": {
    sentence: "The request has both Content-Length and Transfer-Encoding.",
    status: 400,
  },
  "coding-malformed": { sentence: "The request's Transfer-Encoding is not valid HTTP.", status: 400 },
  "coding-in-old-version": { sentence: "HTTP/1.0 has no Transfer-Encoding.", status: 400 },
  "coding-unknown": { sentence: "The request's Transfer-Encoding is not known.", status: 501 },
  "expectation-unknown": { sentence: "The request's Expect is not known.", status: 417 },
  "plain-on-tls": { sentence: "This port expects TLS, and the request came without it.", status: 400 },
  malformed: { sentence: "The request was not valid HTTP.", status: 400 },
} as const satisfies Readonly<Record<string, Explanation>>;

export type Reason = keyof typeof REASONS;

/** Why what a client sent is refused. */
export type RefusalReason = {
  [R in Reason]: (typeof REASONS)[R] extends { readonly status: number } ? R : never;
}[Reason];

/** One line for people. */
export const sentenceOf = (reason: Reason): string => REASONS[reason].sentence;

/** The status that a refusal for this reason has. */
export const statusOf = (reason: RefusalReason): number => REASONS[reason].status;
