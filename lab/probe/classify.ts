import type { AnswerFacts } from "../../runtime/answer-facts.ts";
import type { ProbeRecord, ProbeRoute } from "./record.ts";
import type { ProbeAnswer } from "./request.ts";

/** What a request was for: all that distinguishes a true answer from a wrong one. */
export interface Expected {
  readonly route: ProbeRoute;
  readonly nonce: string;
  /** The user that sent it; undefined where no user did. */
  readonly userName: string | undefined;
}

export interface Verdict extends Pick<ProbeRecord, "result" | "status" | "backend" | "flag"> {
  /** The session that a login gave. */
  readonly session: string | undefined;
}

/**
 * Judges one answer. Only a proved 200 that carries the nonce back, with a backend's name and what the route owes this user,
 * is ok; so is such a 401 for an account, which means that the session is over. An unproved answer names no backend.
 */
export function classify(expected: Expected, answer: ProbeAnswer, isProved: boolean): Verdict {
  if (answer.kind !== "answer")
    return {
      result: answer.kind,
      status: undefined,
      backend: undefined,
      flag: undefined,
      session: undefined,
    };
  const { status, flag, said } = answer;
  const fields: AnswerFacts["fields"] = said?.fields ?? jsonObject(answer.body);
  const backend = isProved ? text(said ? said.backend : fields["backend"]) : undefined;
  const session = text(fields["session"]);
  const proven = backend !== undefined && (said ? said.nonce : fields["nonce"]) === expected.nonce;
  return { result: judge(), status, backend, flag, session };

  function judge(): ProbeRecord["result"] {
    if (status === 401 && expected.route === "account" && proven) return "ok";
    if (status !== 200) return "status";
    if (!isProved) return "unproved";
    return proven && owed() ? "ok" : "wrong";
  }

  function owed(): boolean {
    switch (expected.route) {
      case "page":
      case "api":
        return true;
      case "account":
        return fields["user"] === expected.userName;
      case "login":
        return fields["user"] === expected.userName && session !== undefined;
    }
  }
}

function jsonObject(source: string): AnswerFacts["fields"] {
  // A parser that fails costs twenty times what one does that succeeds, and in an outage most answers are no backend's.
  if (!OBJECT.test(source)) return {};
  try {
    // What begins with a brace is an object, or no JSON.
    return JSON.parse(source) as AnswerFacts["fields"];
  } catch {
    // Not JSON at all: an answer that proves nothing.
    return {};
  }
}

const OBJECT = /^\s*\{/;

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
