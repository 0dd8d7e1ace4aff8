/** Bytes that a client sends, and what has to come of them. Text is latin1: a byte a character. */
export interface RequestCase {
  /** Where it is ruled. */
  readonly rule: string;
  readonly what: string;
  readonly bytes: string;
  readonly outcome: RequestOutcome;
}

/**
 * - `refused`: answered with this status by the balancer, connection closed, nothing of it sent to an upstream;
 * - `broken`: the body cannot be read; answered with 400 or cut off, and never whole at an upstream;
 * - `passed`: exactly this request reaches an upstream, and a request right behind it is served too.
 * - `answered`: with this status by the balancer itself; nothing reaches an upstream but a request right behind it.
 */
export type RequestOutcome =
  | { readonly kind: "refused" | "answered"; readonly status: number }
  | { readonly kind: "broken" }
  | { readonly kind: "passed"; readonly request: PassedRequest };

export interface PassedRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  /** Field lines that it has among others, `name: value`, names in lower case. */
  readonly has: readonly string[];
  /** Names of fields that it must not have. */
  readonly lacks: readonly string[];
  /** The connection ends with the answer. */
  readonly closes: boolean;
}

export const refused = (rule: string, what: string, bytes: string, status = 400): RequestCase => ({
  rule,
  what,
  bytes,
  outcome: { kind: "refused", status },
});

export const answered = (rule: string, what: string, bytes: string, status = 200): RequestCase => ({
  rule,
  what,
  bytes,
  outcome: { kind: "answered", status },
});

export const broken = (rule: string, what: string, bytes: string): RequestCase => ({
  rule,
  what,
  bytes,
  outcome: { kind: "broken" },
});

/** `line` is what the upstream's request line begins with: `GET /path`. */
export const passed = (
  rule: string,
  what: string,
  bytes: string,
  line: string,
  { body = "", has = [], lacks = [], closes = false }: Partial<Omit<PassedRequest, "method" | "target">> = {},
): RequestCase => {
  const [method = "", target = ""] = line.split(" ");
  return {
    rule,
    what,
    bytes,
    outcome: { kind: "passed", request: { method, target, body, has, lacks, closes } },
  };
};

/** A request's head from its start line and fields. */
export const head = (...lines: readonly string[]): string => `${lines.join("\r\n")}\r\n\r\n`;
