import { createTwoFilesPatch } from "diff";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../../runtime/clock.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { ConfigControl } from "../config/config-control.ts";
import type { OpenProposal } from "../config/rollout/proposals.ts";
import { requireChanger } from "../config/rollout/identity.ts";
import type { Rollout } from "../config/rollout/rollout.ts";
import { MAX_CONFIG_BYTES } from "../config/source.ts";
import type { ConfigStore } from "../config/store.ts";
import { withText } from "./admin-errors.ts";
import { canaryOptionsOf } from "./canary-routes.ts";
import { answerApplied, bytesOf, read, termsOf, type Callers } from "./request-terms.ts";

const freezeBody = z.strictObject({
  reason: z.string().trim().min(1).max(200),
  until: z.iso.datetime({ offset: true }).optional(),
});
const thawBody = z.strictObject({ reason: z.string().trim().max(200).optional() });

export interface RolloutRoutesDeps {
  readonly clock: Clock;
  readonly rollout: Rollout;
  readonly control: Pick<ConfigControl, "current">;
  readonly store: Pick<ConfigStore, "beside">;
}

/** Review, freeze, audit and the change log over HTTP. */
export function routeRollout(app: FastifyInstance, deps: RolloutRoutesDeps, callers: Callers): void {
  const { rollout, store } = deps;
  app.get("/config/rollout", () => rollout.status);
  routeProposals(app, deps, callers);
  routeFreeze(app, deps, callers);

  app.get("/config/audit", () => auditAnswer(deps));
  app.post("/config/audit", async () => {
    await rollout.audit.run();
    return auditAnswer(deps);
  });
  app.get("/config/log", (_request, reply) =>
    reply.type("application/x-ndjson; charset=utf-8").send(store.beside.changes.read()),
  );
  app.get("/config/log/verify", () => {
    const { lines, head, damage, torn } = rollout.changes.inspect();
    return { lines: lines.length, head, whole: damage === undefined && !torn, damage: damage ?? null, torn };
  });
}

function auditAnswer({ rollout }: RolloutRoutesDeps): object {
  const { drift, findings, fault, comparedAt, lintedAt } = rollout.audit.last;
  return {
    comparedAt: comparedAt ?? null,
    lintedAt: lintedAt ?? null,
    drift,
    findings: findings.map(withText),
    fault: fault ?? null,
  };
}

function routeProposals(
  app: FastifyInstance,
  { rollout, control }: RolloutRoutesDeps,
  callers: Callers,
): void {
  const { proposals } = rollout;
  const open = (): OpenProposal => {
    const proposal = proposals.open;
    if (!proposal) throw new CodedError("NOT_FOUND", "no proposal waits for a reviewer");
    return proposal;
  };
  app.get("/config/proposal", () => open());
  app.get("/config/proposal/diff", (_request, reply) => {
    const { id, over, yaml } = open();
    const { version, yaml: active } = control.current;
    const diff = createTwoFilesPatch(`version ${version}`, `proposal ${id} over ${over}`, active, yaml);
    return reply.type("text/plain; charset=utf-8").send(diff);
  });
  app.post<{ Params: { id: string } }>("/config/proposal/:id/approve", async (request, reply) => {
    const { by, note } = termsOf(request, callers, "approved");
    // With a canary's options it is approved as a canary.
    const options = canaryOptionsOf(request);
    const canary = Object.keys(options).length === 0 ? undefined : options;
    return answerApplied(reply, await proposals.approve(idOf(request), by, note.reason, canary));
  });
  app.post<{ Params: { id: string } }>("/config/proposal/:id/reject", (request) => {
    const { by, note } = termsOf(request, callers, "rejected");
    return proposals.reject(idOf(request), { ...by, name: note.author }, note.reason);
  });
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const options = { bodyLimit: MAX_CONFIG_BYTES };
    scope.addContentTypeParser("*", { parseAs: "buffer", ...options }, (_request, body, done) =>
      done(null, body),
    );
    scope.post("/config/proposal", options, async (request, reply) => {
      const { note, terms } = termsOf(request, callers, "proposed");
      const yaml = new TextDecoder().decode(bytesOf(request));
      const { proposal, findings } = await proposals.propose(yaml, note, terms);
      return reply.code(201).send({ ...proposal, findings: findings.map(withText) });
    });
  });
}

function routeFreeze(
  app: FastifyInstance,
  { rollout: { freezes } }: RolloutRoutesDeps,
  callers: Callers,
): void {
  const changer = (request: FastifyRequest): string => {
    const { by, note } = termsOf(request, callers, "");
    requireChanger(by);
    return note.author;
  };
  app.post("/config/freeze", (request) => {
    const { reason, until } = read(freezeBody, request.body);
    return freezes.freeze(changer(request), reason, until === undefined ? undefined : Date.parse(until));
  });
  app.post("/config/thaw", (request) => {
    const { reason = "thawed" } = read(thawBody, request.body ?? {});
    freezes.thaw(changer(request), reason);
    return { message: "changes are no longer frozen" };
  });
}

const idOf = ({ params }: FastifyRequest<{ Params: { id: string } }>): number =>
  /^\d{1,9}$/.test(params.id) ? Number(params.id) : 0;
