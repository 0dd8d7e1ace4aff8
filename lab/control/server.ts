import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../runtime/clock.ts";
import { CodedError, messageOf } from "../../runtime/errors.ts";
import { createTokenCheck } from "../../runtime/admin-guard.ts";
import { createAdminServer } from "../../runtime/admin-server.ts";
import { journalView } from "../events/event.ts";
import type { EventBus } from "../events/bus.ts";
import { createLocalTrainee, InvalidInput, type LocalTraineeDeps } from "../trainee/local-trainee.ts";
import { createLooks } from "../trainee/looks.ts";
import { LAB_PATHS, OPERATION_NAMES, routeOf, type LabPath, type Stream } from "../trainee/routes.ts";
import type { CallOptions } from "../trainee/trainee.ts";
import { createEventStreams, streamEvents } from "./event-streams.ts";
import { BACKGROUND_HEADER, INSTANCE_HEADER } from "../trainee/headers.ts";
import { pageHeaders, servePageFiles, type PageFiles } from "./page-files.ts";
import { labMetrics } from "./metrics.ts";
import { createVisitor } from "./visitor.ts";
import { exposition } from "../../runtime/metrics/exposition.ts";

export interface ControlDeps extends Omit<LocalTraineeDeps, "visit" | "looked"> {
  /** 0: any free one. */
  readonly port: number;
  readonly token: string;
  /** Names this run: a client can distinguish it from another lab on the same port. */
  readonly instance: string;
  readonly clock: Clock;
  /** The page over this lab; absent where none was built. */
  readonly page?: PageFiles | undefined;
  /** What happens in the lab. */
  readonly bus: EventBus;
  /** Called to take the whole lab down. */
  readonly onDown: () => void;
}

/** A configuration with some thousand upstreams. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Prometheus' text format. */
const METRICS_TYPE = "text/plain; version=0.0.4";

/** The lab's control API on the loopback: reading is free, every change needs the run's token, and so does a look. */
export async function startControl(deps: ControlDeps): Promise<FastifyInstance> {
  const { server, listen } = createAdminServer({
    address: { host: "127.0.0.1", port: deps.port },
    token: deps.token,
    bodyLimit: MAX_BODY_BYTES,
    closing: "all",
    // No worker: the one that there is holds the answers.
    headers: pageHeaders({ workers: false }),
    refused: (refusal) => ({ error: refusal }),
  });
  server.setErrorHandler((error, _request, reply) => {
    const coded = error instanceof CodedError ? error : undefined;
    const status = coded ? statusFor(coded) : ((error as { statusCode?: number }).statusCode ?? 500);
    return reply
      .code(status)
      .send({ error: { code: coded?.code ?? "BUG", message: messageOf(error), hint: coded?.hint } });
  });
  server.addHook("onRequest", async (_request, reply) => void reply.header(INSTANCE_HEADER, deps.instance));
  serveOperations(server, deps);
  serveLabPaths(server, deps);
  if (deps.page) servePageFiles(server, deps.page);
  await listen();
  return server;
}

/** Every operation of the table. Whoever holds the run's token is the trainee. */
function serveOperations(server: FastifyInstance, deps: ControlDeps): void {
  const looks = createLooks({ clock: deps.clock, record: (subject) => deps.drill()?.looked(subject) });
  const trainee = createLocalTrainee(
    { ...deps, visit: createVisitor(deps.listener), looked: looks.seen },
    { actor: "trainee" },
  );
  const hasToken = createTokenCheck(deps.token);
  for (const name of OPERATION_NAMES) {
    const { method, path, answers } = routeOf(name);
    const call = trainee[name] as (input: object, options: CallOptions) => Promise<unknown>;
    server.route({
      method,
      url: path,
      async handler(request, reply) {
        const { authorization, [BACKGROUND_HEADER]: refreshes } = request.headers;
        // Any process on this machine may read; a look is the trainee's.
        const background = refreshes !== undefined || !hasToken(authorization);
        const answer = await call(inputOf(request), { background, signal: goneSignal(reply) });
        return reply.type(answers === "text" ? METRICS_TYPE : "application/json").send(answer);
      },
    });
  }
}

/** The input as it came, in path, query and body. */
function inputOf({ params, query, body }: FastifyRequest): object {
  return { ...(params as object), ...(query as object), ...(isObject(body) ? body : {}) };
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Aborted when the client leaves before it has its answer. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  // The request's own `close` comes once it is read: only the response's says that the client has left.
  raw.once("close", () => raw.writableFinished || gone.abort(new Error("the client has left")));
  return gone.signal;
}

type LabPathName = keyof typeof LAB_PATHS;
type Serve = (request: FastifyRequest, reply: FastifyReply) => unknown;

function serveLabPaths(server: FastifyInstance, { token, clock, world, bus, onDown }: ControlDeps): void {
  const hasToken = createTokenCheck(token);
  const streams = createEventStreams({ bus, clock });
  server.addHook("preClose", () => streams.close());
  const handlers: Readonly<Record<LabPathName, Serve>> = {
    down() {
      onDown();
      return { ok: true };
    },
    events: (request, reply) => streamEvents(request, reply, { bus, streams }),
    journal: () => journalView(bus.journal),
    labMetrics: async (_request, reply) =>
      reply.type(METRICS_TYPE).send(await exposition(labMetrics(world().sight))),
    health: () => ({ status: "ok" }),
  };
  for (const [name, handle] of Object.entries(handlers)) {
    const route: LabPath | Stream = LAB_PATHS[name as LabPathName];
    server.route({
      method: route.method,
      url: route.path,
      exposeHeadRoute: route.kind !== "stream",
      // The guard asks for it where something is changed.
      ...(route.token ? { onRequest: needsToken(hasToken) } : {}),
      handler: async (request, reply) => handle(request, reply),
    });
  }
}

const needsToken =
  (hasToken: (authorization: string | undefined) => boolean) =>
  async ({ headers }: FastifyRequest, reply: FastifyReply) => {
    if (hasToken(headers.authorization)) return undefined;
    const error = { code: "UNAUTHORIZED", message: "this needs the bearer token" };
    return reply.code(401).header("www-authenticate", "Bearer").send({ error });
  };

/** A CodedError's HTTP status. */
function statusFor(error: CodedError): number {
  if (error instanceof InvalidInput) return 400;
  return error.code === "NOT_FOUND" ? 404 : 409;
}
