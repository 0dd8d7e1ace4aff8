import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CodedError } from "../../runtime/errors.ts";
import type { AppliedVersion } from "../config/config-control.ts";
import type { CanaryControl, CanaryStatus } from "../config/rollout/canary.ts";
import { CANARY_WORDS, readCanaryWords } from "./canary-words.ts";
import type { ChangeNote } from "../config/store.ts";

/** What the routes of the configuration know of a request. */
export interface ConfigRequests {
  note(request: FastifyRequest, reason: string): ChangeNote;
  yaml(request: FastifyRequest): Uint8Array;
  /** Versions of which one must be in force. */
  expected(request: FastifyRequest): readonly number[] | undefined;
  answer(reply: FastifyReply, applied: AppliedVersion): object;
}

/** Looks at the canary, promotes it and aborts it. */
export function routeCanary(app: FastifyInstance, canary: CanaryControl, requests: ConfigRequests): void {
  app.get("/config/canary", () => canaryAnswer(canary.status));
  app.post("/config/canary/promote", (request, reply) =>
    canary
      .promote(requests.note(request, "promoted by hand"))
      .then((applied) => requests.answer(reply, applied)),
  );
  app.post("/config/canary/abort", (request) =>
    canary.abort(requests.note(request, "aborted by hand")).then(canaryAnswer),
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
    const query = request.query as Record<string, unknown>;
    const unknown = Object.keys(query).find((name) => !(CANARY_WORDS as readonly string[]).includes(name));
    if (unknown !== undefined)
      throw new CodedError("USAGE", `a canary has no ${unknown}: it has ${CANARY_WORDS.join(", ")}`);
    const words = Object.fromEntries(
      Object.entries(query).map(([name, value]) => [name, String(value)] as const),
    );
    const note = requests.note(request, "tried as a canary");
    return canary
      .start(requests.yaml(request), note, readCanaryWords(words), requests.expected(request))
      .then((applied) => ({ ...requests.answer(reply, applied), ...canaryAnswer(canary.status) }));
  });
}

const canaryAnswer = (status: CanaryStatus | undefined): object => ({ canary: status ?? null });
