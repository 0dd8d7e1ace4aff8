import type { Clock } from "../runtime/clock.ts";
import type { Keys } from "../runtime/keys.ts";
import type { Caller } from "./call.ts";
import type { Job } from "./capacity.ts";
import type { BackendConfig } from "./config.ts";
import type { BackendMetrics } from "./metrics.ts";
import type { Sessions } from "./sessions.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** A request as a backend sees it, from a socket or a model of one. */
export interface ServiceRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** The path's segments for a route's `:name`. */
  readonly params: Readonly<Record<string, string>>;
  readonly cookie: string | undefined;
  /** The answer carries it back. */
  readonly nonce: string | undefined;
  /** The parsed body. */
  readonly body: unknown;
}

/** One answer is given to each request, unless its client leaves before. Its functions are to be called on it. */
export interface Reply {
  /** Answers in JSON: the backend, the request's nonce, and these fields. */
  answer(status: number, fields: Fields, setCookie?: string): void;
  /** Answers with a text of another type, as other teams' programs do. */
  answerText(status: number, type: string, text: string): void;
  /**
   * Passes the request through the capacity: `start` when it gets a slot, `done` when its answer may be sent.
   * With the queue full it calls `refuse`, which by default answers 503.
   */
  serve(work: Work): void;
}

export interface Work extends Job {
  refuse?(): void;
}

export interface RoleRoute {
  readonly method: "GET" | "POST" | "any";
  /** A path, with `:name` for a whole segment, or `/*` for every path. */
  readonly path: string;
  handle(request: ServiceRequest, reply: Reply): void;
}

/** A role's routes; every backend has health and metrics beside them. */
export interface RoleBehaviour {
  /** More specific routes first. */
  readonly routes: readonly RoleRoute[];
  /** True when it ignores requests' bodies. */
  readonly ignoresBodies?: boolean;
}

/** The parts that a role is made with. */
export interface Toolkit {
  readonly config: BackendConfig;
  readonly clock: Clock;
  readonly metrics: BackendMetrics;
  readonly caller: Caller;
  /** Only in an auth server. */
  readonly sessions: Sessions | undefined;
  readonly keys: Keys;
}

export type CreateRole = (toolkit: Toolkit) => RoleBehaviour;
