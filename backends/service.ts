import { originProof } from "../runtime/answer-proof.ts";
import type { Cancel, Clock } from "../runtime/clock.ts";
import type { Keys } from "../runtime/keys.ts";
import type { Log } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { createCaller, type Dial } from "./call.ts";
import { createCapacity } from "./capacity.ts";
import { releaseOf, type BackendConfig } from "./config.ts";
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
  /** This backend's signature of the answer, for requests with a nonce. */
  readonly proof: string | undefined;
}

/** A backend without its sockets: the same code on a real port and in virtual time. */
export interface Service extends RoleBehaviour {
  readonly metrics: BackendMetrics;
  /** The `Server` field of its answers. */
  readonly serverHeader: string;
  /** `send` is called once with the answer. The returned function is to be called when the client has left, however late. */
  handle(route: RoleRoute, request: ServiceRequest, send: (answer: ServiceAnswer) => void): Cancel;
  /** The answer to a health check, which is no request. */
  health(request: AskedService): ServiceAnswer;
  /** The answer to a request that no route handles. */
  failed(status: number, request: AskedService, error: string): ServiceAnswer;
  /** Ends all work; no callback is called any more. */
  stop(): void;
}

/** The request that an answer belongs to. */
export type AskedService = Pick<ServiceRequest, "method" | "url" | "nonce">;

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
const JSON_TYPE = "application/json; charset=utf-8";

export function createService(given: BackendConfig, deps: ServiceDeps): Service {
  const config = releaseOf(given);
  const { name, role, version, errors, costs = [] } = config;
  const { clock, random, log, keys } = deps;
  const sign = keys.origin;
  const address = addressOf(config);
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
  const failures = errors && random.fork("errors");
  const behaviour = ROLES[role]({ config, clock, metrics, caller, sessions, keys });

  // Every answer begins with it.
  const whose = JSON.stringify({ backend: name, role, version }).slice(0, -1);
  const withProof = (
    { method, url, nonce }: AskedService,
    { status, type, setCookie, text }: Omit<ServiceAnswer, "proof">,
  ): ServiceAnswer => ({
    status,
    type,
    setCookie,
    text,
    proof:
      nonce === undefined || sign === undefined
        ? undefined
        : originProof(sign, address, { nonce, method, target: url }, { status, text }),
  });
  const json = (status: number, request: AskedService, fields: Fields, setCookie?: string): ServiceAnswer =>
    withProof(request, {
      status,
      type: JSON_TYPE,
      setCookie,
      text: `${whose},"nonce":${request.nonce === undefined ? "null" : JSON.stringify(request.nonce)}${rest(fields)}`,
    });

  // Not by spreading: V8 makes a separate hidden class for each such object, and there are thousands.
  return {
    routes: behaviour.routes,
    ignoresBodies: behaviour.ignoresBodies ?? false,
    metrics,
    // A program of another team announces its own name.
    serverHeader: `${role === "site" ? name : role}/${version}`,
    handle(route, request, send) {
      let leave: Cancel | undefined;
      const reply: Reply = {
        answer(status, fields, setCookie) {
          metrics.answered(status);
          send(json(status, request, fields, setCookie));
        },
        answerText(status, type, text) {
          metrics.answered(status);
          send(withProof(request, { status, type, setCookie: undefined, text }));
        },
        serve(work) {
          if (costs.length > 0) {
            const factor = costOf(costs, request.url)?.factor;
            if (factor !== undefined) work.factor = factor;
          }
          if (capacity.admit(work)) {
            leave = () => capacity.cancel(work);
            return;
          }
          warn("queue full, refused");
          if (work.refuse) work.refuse();
          else reply.answer(503, { error: "queue full" });
        },
      };
      if (errors && failures && failures.next() < errors.ratio) {
        const fail = (): void => reply.answer(errors.status ?? 500, { error: "internal error" });
        warn("internal error");
        if (errors.fast === true) fail();
        else reply.serve({ done: fail });
      } else route.handle(request, reply);
      return () => leave?.();
    },
    health: (request) => json(200, request, { status: "ok" }),
    failed(status, request, error) {
      metrics.answered(status);
      return json(status, request, { error });
    },
    stop() {
      capacity.stop();
      caller.close();
    },
  };
}

/** Its address as an upstream: one that listens on all addresses is in a container, addressed by its name. */
const addressOf = ({ name, host, port }: BackendConfig): string =>
  `${host === "0.0.0.0" ? name : host}:${port}`;

/** The longest path of these that the request's begins with. */
const costOf = (costs: NonNullable<BackendConfig["costs"]>, url: string) =>
  costs
    .filter(({ path }) => url.startsWith(path))
    .reduce<(typeof costs)[number] | undefined>(
      (longest, one) => (longest !== undefined && longest.path.length >= one.path.length ? longest : one),
      undefined,
    );

/** The rest of an object's text, to follow other fields. */
function rest(fields: Fields): string {
  const text = JSON.stringify(fields);
  return text === "{}" ? "}" : `,${text.slice(1)}`;
}
