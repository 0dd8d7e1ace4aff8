import type { Cancel, Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { createCaller, type Dial } from "./call.ts";
import { createCapacity } from "./capacity.ts";
import type { BackendConfig } from "./config.ts";
import { createBackendMetrics, type BackendMetrics } from "./metrics.ts";
import { ROLES } from "./roles/index.ts";
import { createSecondLog } from "./second-log.ts";
import { createSessions } from "./sessions.ts";
import type { Fields, Reply, RoleBehaviour, RoleRoute, ServiceRequest } from "./toolkit.ts";

export interface ServiceAnswer {
  readonly status: number;
  readonly type: string;
  readonly setCookie: string | undefined;
  readonly text: string;
}

/** What a backend is, apart from the sockets it is reached by: the same code on a real port and in virtual time. */
export interface Service extends RoleBehaviour {
  readonly metrics: BackendMetrics;
  /** What its answers say in `Server`. */
  readonly serverHeader: string;
  /** `send` gets the one answer. Returned is what to call when the client has left, however late. */
  handle(route: RoleRoute, request: ServiceRequest, send: (answer: ServiceAnswer) => void): Cancel;
  /** The answer to a health check, which is no request. */
  health(nonce: string | undefined): ServiceAnswer;
  /** The answer to what no role takes. */
  failed(status: number, nonce: string | undefined, error: string): ServiceAnswer;
  /** Nothing goes on any more, and nobody is called. */
  stop(): void;
}

export interface ServiceDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How it reaches other servers. */
  readonly dial: Dial;
  /** Ends the process, at once and without a word to anybody connected. */
  readonly crash: () => void;
}

const CALL_TIMEOUT_MS = 2000;
const SESSION_SECONDS = 600;
const JSON_TYPE = "application/json; charset=utf-8";

export function createService(config: BackendConfig, deps: ServiceDeps): Service {
  const { name, role, version } = config;
  const { clock, random, log } = deps;
  const capacity = createCapacity(config.capacity, {
    clock,
    random: random.fork("capacity"),
    onCrash() {
      log.fatal({ refused: capacity.refused, queued: capacity.queued() }, "out of workers, exiting");
      deps.crash();
    },
  });
  const sessions =
    role === "auth"
      ? createSessions(
          { meanSeconds: config.sessionSeconds ?? SESSION_SECONDS },
          { clock, random: random.fork("sessions") },
        )
      : undefined;
  const metrics = createBackendMetrics(config, capacity, sessions);
  const warn = createSecondLog({ clock, log });
  const caller = createCaller({
    timeoutMs: config.timeoutMs ?? CALL_TIMEOUT_MS,
    clock,
    warn,
    dial: deps.dial,
  });
  const behaviour = ROLES[role]({ config, clock, metrics, caller, sessions });

  // Every answer begins with it.
  const whose = JSON.stringify({ backend: name, role, version }).slice(0, -1);
  const json = (
    status: number,
    nonce: string | undefined,
    fields: Fields,
    setCookie?: string,
  ): ServiceAnswer => ({
    status,
    type: JSON_TYPE,
    setCookie,
    text: `${whose},"nonce":${nonce === undefined ? "null" : JSON.stringify(nonce)}${rest(fields)}`,
  });

  // Not by spreading: V8 makes a hidden class of its own for each object that is made so, and there are thousands.
  return {
    routes: behaviour.routes,
    ignoresBodies: behaviour.ignoresBodies ?? false,
    metrics,
    // A program of another team goes by its own name.
    serverHeader: `${role === "site" ? name : role}/${version}`,
    handle(route, request, send) {
      let leave: Cancel | undefined;
      const reply: Reply = {
        answer(status, fields, setCookie) {
          metrics.answered(status);
          send(json(status, request.nonce, fields, setCookie));
        },
        answerText(status, type, text) {
          metrics.answered(status);
          send({ status, type, setCookie: undefined, text });
        },
        serve(work) {
          if (capacity.admit(work)) {
            leave = () => capacity.cancel(work);
            return;
          }
          warn("queue full, refused");
          if (work.refuse) work.refuse();
          else reply.answer(503, { error: "queue full" });
        },
      };
      route.handle(request, reply);
      return () => leave?.();
    },
    health: (nonce) => json(200, nonce, { status: "ok" }),
    failed(status, nonce, error) {
      metrics.answered(status);
      return json(status, nonce, { error });
    },
    stop() {
      capacity.stop();
      caller.close();
    },
  };
}

/** What is left of an object's text after fields before them. */
function rest(fields: Fields): string {
  const text = JSON.stringify(fields);
  return text === "{}" ? "}" : `,${text.slice(1)}`;
}
