import type { AnswerFacts } from "../../runtime/answer-facts.ts";
import type { Proofs } from "../../runtime/answer-proof.ts";
import type { Cancel } from "../../runtime/clock.ts";

/** One request of the prober, whatever carries it: sockets live, modelled exchanges in virtual time. */
export interface ProbeRequest {
  /** The service behind the balancer, or the API that depends on it. */
  readonly to: "service" | "api";
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly cookie: string | undefined;
  /** Sent as `x-nonce`; a true answer carries it back. Unique in a run, and unpredictable. */
  readonly nonce: string;
  /** JSON text. */
  readonly body: string | undefined;
}

/** What came back, before it is judged. */
export type ProbeAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** The balancer's flag, when it says that it made the answer itself. */
      readonly flag: string | undefined;
      readonly body: string;
      /** What the body says, where whoever carried it knows: then it is not parsed. */
      readonly said?: AnswerFacts | undefined;
      readonly proofs: Proofs;
    }
  | { readonly kind: "refused" | "cut" | "timeout" };

/**
 * Sends a request on a connection of its own and calls `done` once, never before it has returned. It waits for ever: the
 * caller has the timeout. Cancelled, it closes the connection and does not call `done`.
 */
export type Send = (request: ProbeRequest, done: (answer: ProbeAnswer) => void) => Cancel;
