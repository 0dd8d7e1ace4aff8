import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CodedError } from "../../runtime/errors.ts";
import type { AppliedVersion, PushTerms } from "../config/config-control.ts";
import type { CanaryControl, CanaryOptions, CanaryStatus } from "../config/rollout/canary.ts";
import { requireChanger, type Identity } from "../config/rollout/identity.ts";
import { CANARY_WORDS, readCanaryWords } from "./canary-words.ts";
import type { ChangeNote } from "../config/store.ts";

/** What the routes of the configuration know of a request. */
export interface ConfigRequests {
  note(request: FastifyRequest, reason: string): ChangeNote;
  yaml(request: FastifyRequest): Uint8Array;
  /** Who asks, for which environment, over which version. */
  terms(request: FastifyRequest): PushTerms & { readonly by: Identity };
  answer(reply: FastifyReply, applied: AppliedVersion): object;
}

/** Looks at the canary, promotes it and aborts it. */
export function routeCanary(app: FastifyInstance, canary: CanaryControl, requests: ConfigRequests): void {
  app.get("/config/canary", () => canaryAnswer(canary.status));
  const changed = (request: FastifyRequest, reason: string): ChangeNote => {
    requireChanger(requests.terms(request).by);
    return requests.note(request, reason);
  };
  app.post("/config/canary/promote", (request, reply) =>
    canary.promote(changed(request, "promoted by hand")).then((applied) => requests.answer(reply, applied)),
  );
  app.post("/config/canary/abort", (request) =>
    canary.abort(changed(request, "aborted by hand")).then(canaryAnswer),
  );
}

/** Starts one with the text that is sent and the options of the query. `scope` leaves bodies as they come. */
export function routeCanaryStart(
  scope: FastifyInstance,
  options: { readonly bodyLimit: number },
  canary: CanaryControl,
  requests: ConfigRequests,
): void {
  scope.post("/config/canary", options, (request, reply) => {
    const note = requests.note(request, "tried as a canary");
    return canary
      .start(requests.yaml(request), note, canaryOptionsOf(request), requests.terms(request))
      .then((applied) => ({ ...requests.answer(reply, applied), ...canaryAnswer(canary.status) }));
  });
}

/** The options of a canary in a request's query. Throws USAGE. */
export function canaryOptionsOf(request: FastifyRequest): Partial<CanaryOptions> {
  const query = request.query as Record<string, unknown>;
  const unknown = Object.keys(query).find((name) => !(CANARY_WORDS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new CodedError("USAGE", `a canary has no ${unknown}: it has ${CANARY_WORDS.join(", ")}`);
  return readCanaryWords(
    Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)] as const)),
  );
}

const canaryAnswer = (status: CanaryStatus | undefined): object => ({ canary: status ?? null });
