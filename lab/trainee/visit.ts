import type { Answer } from "../world/answer.ts";

/** A request to the balancer's public address, as a user sends it. */
export interface VisitRequest {
  /** Path and query. */
  readonly path: string;
}

/** Sends it, and resolves with what came back; without an answer `error` says why. */
export type Visit = (request: VisitRequest) => Promise<Answer>;
