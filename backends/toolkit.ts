import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../runtime/clock.ts";
import type { Caller } from "./call.ts";
import type { Job } from "./capacity.ts";
import type { BackendConfig } from "./config.ts";
import type { BackendMetrics } from "./metrics.ts";
import type { Sessions } from "./sessions.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** What a role is made with. */
export interface Toolkit {
  readonly config: BackendConfig;
  readonly app: FastifyInstance;
  readonly clock: Clock;
  readonly metrics: BackendMetrics;
  readonly caller: Caller;
  /** Only in an auth server. */
  readonly sessions: Sessions | undefined;
  /** Answers in JSON: who answers, the request's nonce, and these fields. */
  readonly answer: (request: FastifyRequest, reply: FastifyReply, status: number, fields: Fields) => void;
  /** Answers with a text of another type, as other teams' programs do. */
  readonly answerText: (reply: FastifyReply, status: number, type: string, text: string) => void;
  /**
   * Takes the request through the capacity: `start` when it has a slot, `done` when its answer may be given.
   * With the queue full it calls `refuse`, which by default answers 503.
   */
  readonly serve: (request: FastifyRequest, reply: FastifyReply, work: Work) => void;
}

export interface Work extends Job {
  refuse?(): void;
}

/** Adds a role's routes. Everything else, health and metrics included, is there already. */
export type InstallRole = (toolkit: Toolkit) => void;
