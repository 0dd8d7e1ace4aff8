import type { Clock } from "../runtime/clock.ts";
import type { Keys } from "../runtime/keys.ts";
import type { Log } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { createAnswers, type AskedService, type ServiceAnswer } from "./answers.ts";
import { createCaller, type Dial } from "./call.ts";
import { createCapacity } from "./capacity.ts";
import { releaseOf, type BackendConfig } from "./config.ts";
import { handleRequest, type Handled } from "./handle-request.ts";
import { createBackendMetrics, type BackendMetrics } from "./metrics.ts";
import { ROLES } from "./roles/index.ts";
import { createSecondLog } from "./second-log.ts";
import { createSessions } from "./sessions.ts";
import type { RoleBehaviour, RoleRoute, ServiceRequest } from "./toolkit.ts";

/** A backend without its sockets: the same code on a real port and in virtual time. */
export interface Service extends RoleBehaviour {
  readonly metrics: BackendMetrics;
  /** The `Server` field of its answers. */
  readonly serverHeader: string;
  /** `send` is called once with the answer. */
  handle(route: RoleRoute, request: ServiceRequest, send: (answer: ServiceAnswer) => void): Handled;
  /** The answer to a health check, which is no request. */
  health(request: AskedService): ServiceAnswer;
  /** The answer to a request that no route handles. */
  failed(status: number, request: AskedService, error: string): ServiceAnswer;
  /** Ends all work; no callback is called any more. */
  stop(): void;
}

export interface ServiceDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Calls other servers. */
  readonly dial: Dial;
  /** Ends the process at once, without an answer to its clients. */
  readonly crash: () => void;
  readonly keys: Keys;
}

const CALL_TIMEOUT_MS = 2000;
const SESSION_SECONDS = 600;

export function createService(given: BackendConfig, deps: ServiceDeps): Service {
  const config = releaseOf(given);
  const { name, role, version, errors, costs = [] } = config;
  const { clock, random, log, keys } = deps;
  const answers = createAnswers(config, keys.origin);
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
  const behaviour = ROLES[role]({ config, clock, metrics, caller, sessions, keys });

  const handler = {
    answers,
    capacity,
    metrics,
    warn,
    costs,
    errors,
    failures: errors && random.fork("errors"),
  };

  // Not by spreading: V8 makes a separate hidden class for each such object, and there are thousands.
  return {
    routes: behaviour.routes,
    ignoresBodies: behaviour.ignoresBodies ?? false,
    metrics,
    // A program of another team announces its own name.
    serverHeader: `${role === "site" ? name : role}/${version}`,
    handle: (route, request, send) => handleRequest(handler, route, request, send),
    health: (request) => answers.json(200, request, { status: "ok" }),
    failed(status, request, error) {
      metrics.answered(status);
      return answers.json(status, request, { error });
    },
    stop() {
      capacity.stop();
      caller.close();
    },
  };
}
