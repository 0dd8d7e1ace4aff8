import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../../runtime/clock.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { Log } from "../../runtime/log.ts";
import { routeCanary, routeCanaryStart, type ConfigRequests } from "./canary-routes.ts";
import { adminError, failure, sendError, withText } from "./admin-errors.ts";
import { createAdminServer } from "../../runtime/admin-server.ts";
import type { Balancer, CountsOfListeners } from "../balancer.ts";
import type { ConfigControl } from "../config/config-control.ts";
import { MAX_CONFIG_BYTES } from "../config/source.ts";
import type { CanaryControl } from "../config/rollout/canary.ts";
import { requireChanger, type Identities } from "../config/rollout/identity.ts";
import type { Rollout } from "../config/rollout/rollout.ts";
import type { ConfigStore } from "../config/store.ts";
import type { BalancerMetrics } from "../telemetry/metrics-observer.ts";
import { createPoolControl } from "../pool/pool-control.ts";
import { answerApplied, bytesOf, createCallers, read, termsOf, type Callers } from "./request-terms.ts";
import { routeRollout } from "./rollout-routes.ts";
import { statsPage } from "./stats-page.ts";
import { statsCsv, statsRows } from "./stats-rows.ts";
import type { Stats } from "../telemetry/stats.ts";
import type { ConnectionCounts } from "../transport/transport.ts";
import { type Target, parseAddress } from "../address.ts";
import { exposition, EXPOSITION_TYPE } from "../../runtime/metrics/exposition.ts";

export interface AdminDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly balancer: Pick<Balancer, "config" | "version" | "pools" | "setWeight" | "setState">;
  readonly counts: (target: Target) => ConnectionCounts;
  /** Epoch milliseconds at which the first certificate of a listener expires, by its name. */
  readonly certificates: () => ReadonlyMap<string, number>;
  /** What is counted of each listener's connections. */
  readonly listeners: () => CountsOfListeners;
  readonly metrics: BalancerMetrics;
  readonly stats: Stats;
  readonly control: ConfigControl;
  readonly canary: CanaryControl;
  readonly store: ConfigStore;
  readonly rollout: Rollout;
  /** Holders of the tokens that the configuration in force names. */
  readonly identities: () => Identities;
  /** What a change must present; without one nothing can be changed. */
  readonly token: string | undefined;
}

/** The interface for people and scrapers, on an address of its own. */
export interface Admin {
  /** Throws the system's error (`EADDRINUSE`). */
  listen(): Promise<{ readonly port: number }>;
  /** Lets requests in flight end, and breaks off what is left after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024;

const rollbackBody = z.strictObject({ version: z.int().min(1).optional() });
const upstreamChange = z
  .strictObject({
    weight: z.int().min(0).max(256).optional(),
    state: z.enum(["ready", "drain", "maintenance"]).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, "weight or state is needed");

/** Serves the interface on `bind` (HOST and PORT). */
export function createAdmin(bind: { readonly host: string; readonly port: number }, deps: AdminDeps): Admin {
  const { balancer, identities } = deps;
  const callers = createCallers(deps.token, identities, () => balancer.config.admin.tokens.length > 0);
  const { server: app, listen } = createAdminServer({
    address: { ...bind, more: () => balancer.config.admin.hosts },
    token: callers,
    bodyLimit: MAX_BODY_BYTES,
    closing: "idle",
    refused: ({ code, message }) => failure(code, message),
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(failure("NOT_FOUND", "there is no such thing here")),
  );
  app.setErrorHandler((error, _request, reply) => {
    if (adminError(error).status === 500) deps.log.error({ err: error }, "the admin interface failed");
    return sendError(reply, error);
  });

  routeReading(app, deps);
  routeUpstreams(app, deps, callers);
  void app.register(async (scope) => routeConfig(scope, deps, callers));
  void app.register(async (scope) => routeRollout(scope, deps, callers));

  return {
    async listen() {
      return { port: await listen() };
    },
    async close(deadlineMs) {
      const cancel = deps.clock.after(deadlineMs, () => app.server.closeAllConnections());
      await app.close();
      cancel();
    },
  };
}

function routeReading(app: FastifyInstance, deps: AdminDeps): void {
  const { balancer, counts, canary, certificates, listeners, metrics, stats } = deps;
  const source = {
    pools: () => balancer.pools(),
    connections: (address: string) => counts(parseAddress(address)),
    certificates,
    listeners,
  };
  const rows = () => statsRows(balancer, stats, listeners());
  app.get("/metrics", async (_request, reply) =>
    reply.type(EXPOSITION_TYPE).send(await exposition(metrics.read(source))),
  );
  app.get("/healthz", () => ({ status: "ok", version: balancer.version }));
  const csv = (_request: FastifyRequest, reply: FastifyReply) =>
    reply.type("text/plain; charset=utf-8").send(statsCsv(rows()));
  const page = (_request: FastifyRequest, reply: FastifyReply) =>
    reply
      .type("text/html; charset=utf-8")
      .header(
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      )
      .send(statsPage(rows(), balancer.version, certificates(), canary.status));
  app.get("/stats", page);
  // HAProxy's options behind its `stats uri`, which is here `/stats` or `/`; this page never refreshes itself.
  for (const at of ["/stats", "/stats/", "/"]) {
    for (const options of [";csv", ";csv;norefresh", ";norefresh;csv"]) app.get(`${at}${options}`, csv);
    app.get(`${at};norefresh`, page);
  }
}

function routeUpstreams(app: FastifyInstance, { balancer, log, rollout }: AdminDeps, callers: Callers): void {
  const control = createPoolControl(balancer, log);
  app.get("/pools", () => ({ pools: control.pools() }));
  app.patch<{ Params: { name: string } }>("/upstreams/:name", (request) => {
    const { name } = request.params;
    const change = read(upstreamChange, request.body);
    const { note, terms } = termsOf(request, callers, "changed at run time");
    return rollout.changeUpstream(name, change, { note, ...terms }, () => control.change(name, change));
  });
}

function routeConfig(
  app: FastifyInstance,
  { control, canary, store, balancer }: AdminDeps,
  callers: Callers,
): void {
  app.get("/config", (_request, reply) => {
    const { yaml, version } = control.current;
    return reply.type("application/yaml; charset=utf-8").header("etag", `"${version}"`).send(yaml);
  });
  app.get("/config/history", async () => {
    await store.lookAside();
    return { active: balancer.version, versions: store.history() };
  });
  app.get<{ Params: { version: string } }>("/config/history/:version", (request, reply) => {
    const found = /^\d{1,9}$/.test(request.params.version)
      ? store.at(Number(request.params.version))
      : undefined;
    if (!found) throw new CodedError("NOT_FOUND", `there is no version ${request.params.version}`);
    return reply
      .type("application/yaml; charset=utf-8")
      .header("etag", `"${found.version}"`)
      .send(found.yaml);
  });
  app.post("/config/rollback", (request, reply) => {
    const { version } = read(rollbackBody, request.body ?? {});
    const { note, terms } = termsOf(request, callers, "rolled back");
    // Before it is looked whether there is such a version.
    requireChanger(terms.by);
    return control.rollback(version, note, terms).then((applied) => answerApplied(reply, applied));
  });
  const requests: ConfigRequests = {
    note: (request, reason) => termsOf(request, callers, reason).note,
    yaml: bytesOf,
    terms: (request) => termsOf(request, callers, "").terms,
    answer: answerApplied,
  };
  routeCanary(app, canary, requests);

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const options = { bodyLimit: MAX_CONFIG_BYTES };
    scope.addContentTypeParser("*", { parseAs: "buffer", ...options }, (_request, body, done) =>
      done(null, body),
    );
    scope.post("/config/validate", options, (request) =>
      control.check(bytesOf(request)).then((findings) => ({
        ok: true,
        message: "the configuration can be applied",
        findings: findings.map(withText),
      })),
    );
    routeCanaryStart(scope, options, canary, requests);
    scope.put("/config", options, (request, reply) => {
      const { note, terms } = termsOf(request, callers, "applied");
      return control.apply(bytesOf(request), note, terms).then((applied) => answerApplied(reply, applied));
    });
  });
}
