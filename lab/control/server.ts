import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../../runtime/clock.ts";
import { CodedError, messageOf } from "../../runtime/errors.ts";
import { createTokenCheck } from "../../runtime/admin-guard.ts";
import { createAdminServer } from "../../runtime/admin-server.ts";
import { action } from "../../scenarios/action.ts";
import { MECHANISMS, SCOPES } from "../../scenarios/diagnosis.ts";
import type { Drill } from "../drill/drill.ts";
import type { World } from "../world/world.ts";
import { INSTANCE_HEADER } from "./instance.ts";
import { createLooks } from "./looks.ts";
import { metricsText } from "./metrics.ts";
import { statusOf, type UsersWatched } from "./status.ts";

export interface ControlDeps {
  /** 0: any free one. */
  readonly port: number;
  readonly token: string;
  /** Names this run: whoever asks can tell it from another lab on the same port. */
  readonly instance: string;
  readonly clock: Clock;
  readonly listener: string;
  readonly world: () => World;
  /** Undefined while the lab is up without a drill. */
  readonly drill: () => Drill | undefined;
  /** Undefined before anybody comes. */
  readonly users: () => UsersWatched | undefined;
  /** Asked to take the whole lab down. */
  readonly onDown: () => void;
}

const diagnosis = z.strictObject({
  component: z.string().min(1).max(64),
  mechanism: z.enum(Object.keys(MECHANISMS) as [keyof typeof MECHANISMS]),
  scope: z.enum(Object.keys(SCOPES) as [keyof typeof SCOPES]),
});

/** Seconds. More points than Prometheus gives in one answer are refused by whoever answers. */
const seconds = z.coerce.number().positive().max(86_400);
const queryString = z.strictObject({
  query: z.string().min(1).max(10_000),
  range: seconds.optional(),
  step: seconds.optional(),
});
/** As many points as a terminal is wide. */
const stepFor = (rangeSeconds: number): number => Math.max(1, Math.round(rangeSeconds / 60));

const silence = z.strictObject({
  matchers: z
    .array(
      z.strictObject({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() }),
    )
    .min(1)
    .max(20),
  seconds: z.number().positive().max(86_400),
  by: z.string().min(1).max(64),
  comment: z.string().max(500),
});

/** A configuration with some thousand upstreams. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The lab's control API on the loopback: reading is free, every change needs the run's token, and so does a look. */
export async function startControl(deps: ControlDeps): Promise<FastifyInstance> {
  const { server, listen } = createAdminServer({
    address: { host: "127.0.0.1", port: deps.port },
    token: deps.token,
    bodyLimit: MAX_BODY_BYTES,
    closing: "all",
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
  const hasToken = createTokenCheck(deps.token);
  const looks = createLooks({
    clock: deps.clock,
    hasToken,
    record: (subject) => deps.drill()?.looked(subject),
  });
  /** What was seen, and that it was: what is not there was no look. */
  async function look<T>(request: FastifyRequest, subject: string, see: () => T | Promise<T>): Promise<T> {
    const found = await see();
    looks.seen(request.headers.authorization, subject);
    return found;
  }
  const drill = (): Drill => {
    const running = deps.drill();
    if (!running) throw new CodedError("USAGE", "no drill is running", { hint: "lblab start begins one" });
    return running;
  };

  server.get("/v1/status", () => statusOf(deps));
  server.get("/v1/units", (request) => look(request, "units", () => deps.world().sight.units()));
  server.get<{ Params: { unit: string } }>("/v1/units/:unit/config", (request) => {
    const { unit } = request.params;
    return look(request, unit, () => deps.world().sight.unitConfig(unit));
  });
  server.get<{ Params: { unit: string }; Querystring: { lines?: string } }>("/v1/logs/:unit", (request) => {
    const { unit } = request.params;
    const lines = parsed(z.coerce.number().int().min(1).max(10_000).default(100), request.query.lines);
    return look(request, unit, () => deps.world().sight.logs(unit, lines));
  });
  server.get<{ Querystring: { version?: string } }>("/v1/config", (request) => {
    const version = parsed(z.coerce.number().int().min(1).optional(), request.query.version);
    return look(request, "config", () => deps.world().sight.config(version));
  });
  server.get("/v1/config/history", (request) =>
    look(request, "config", () => deps.world().sight.configHistory()),
  );
  server.get("/v1/changes", (request) => look(request, "changes", () => deps.world().sight.changes()));
  server.get("/v1/ports", (request) => look(request, "ports", () => deps.world().sight.ports()));
  server.get<{ Params: { unit: string } }>("/v1/metrics/:unit", async (request, reply) => {
    const { unit } = request.params;
    const text = await look(request, unit, () => deps.world().sight.metrics(unit));
    if (text === undefined) throw new CodedError("NOT_FOUND", `${unit} gives no metrics now`);
    return reply.type("text/plain; version=0.0.4").send(text);
  });
  server.get<{ Querystring: { query?: string; range?: string; step?: string } }>("/v1/query", (request) => {
    const { query, range, step } = parsed(queryString, request.query);
    return look(request, "metrics", () =>
      deps.world().monitoring.query({
        expression: query,
        ...(range === undefined ? {} : { range: { seconds: range, stepSeconds: step ?? stepFor(range) } }),
      }),
    );
  });
  server.get("/v1/alerts", (request) => look(request, "alerts", () => deps.world().monitoring.alerts()));
  server.get("/metrics", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4").send(await metricsText(deps.world().sight)),
  );
  server.get("/healthz", () => ({ status: "ok" }));

  server.post("/v1/actions", (request) => {
    const step = parsed(action, request.body);
    const running = deps.drill();
    return running ? running.act(step) : deps.world().act(step);
  });
  server.post("/v1/check", (_request, reply) => {
    const gone = new AbortController();
    // The request's own `close` comes once it is read: only the response's says that nobody waits for it any more.
    reply.raw.once("close", () => reply.raw.writableFinished || gone.abort(new Error("the asker has left")));
    return drill().check(gone.signal);
  });
  server.post("/v1/alerts/acknowledge", (request) => {
    const { alert } = parsed(z.strictObject({ alert: z.string().optional() }), request.body);
    const running = deps.drill();
    return running ? running.acknowledge(alert) : deps.world().monitoring.acknowledge(alert, "trainee");
  });
  server.post("/v1/silences", (request) => deps.world().monitoring.silence(parsed(silence, request.body)));
  server.post("/v1/diagnose", (request) => {
    drill().diagnose(parsed(diagnosis, request.body));
    return { ok: true };
  });
  server.post("/v1/hint", () => ({ hint: drill().hint() }));
  server.post("/v1/end", () => {
    drill().end();
    return { ok: true };
  });
  server.post("/v1/down", () => {
    deps.onDown();
    return { ok: true };
  });

  await listen();
  return server;
}

/** A request that means nothing, unlike one that cannot be met now. */
class Nonsense extends CodedError {
  constructor(message: string) {
    super("USAGE", message);
  }
}

/** What a CodedError is in HTTP. */
function statusFor(error: CodedError): number {
  if (error instanceof Nonsense) return 400;
  return error.code === "NOT_FOUND" ? 404 : 409;
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Nonsense(z.prettifyError(result.error));
}
