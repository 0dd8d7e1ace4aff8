import type { FastifyInstance, FastifyReply } from "fastify";
import type { Clock } from "../../../../runtime/clock.ts";
import { CodedError } from "../../../../runtime/errors.ts";
import { silenceView } from "../../pager/silence-view.ts";
import type { Silence, Silences } from "../../pager/silences.ts";
import type { LabelMatcher } from "../../samples.ts";
import { postSilence } from "./post-silence.ts";
import { answered, filtersIn, type Query } from "./parameters.ts";

/** Endpoints to read, make, change and expire silences; all but reading need the token. */
export function addSilenceEndpoints(
  server: FastifyInstance,
  { clock, silences }: { readonly clock: Clock; readonly silences: Silences },
): void {
  const view = (one: Silence) => silenceView(one, clock.wall());
  const isMissing = (reply: FastifyReply, id: string) =>
    reply.code(404).send({ code: 404, message: `there is no silence ${id}` });

  server.get<{ Querystring: Query }>("/api/v2/silences", ({ query }, reply) =>
    answered(reply, () => {
      const filters = filtersIn(query);
      return silences.all.filter(({ matchers }) => hasAll(matchers, filters)).map(view);
    }),
  );
  server.get<{ Params: { id: string } }>("/api/v2/silence/:id", ({ params: { id } }, reply) => {
    const found = silences.all.find((one) => one.id === id);
    return found ? view(found) : isMissing(reply, id);
  });
  server.post("/api/v2/silences", (request, reply) => {
    try {
      const made = postSilence(request.body, { clock, silences });
      const { id } = request.body as { readonly id?: string };
      return made ? { silenceID: made.id } : isMissing(reply, id ?? "");
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return reply.code(400).send({ code: 400, message: error.message });
    }
  });
  server.delete<{ Params: { id: string } }>("/api/v2/silence/:id", ({ params: { id } }, reply) =>
    silences.expire(id, clock.wall()) ? {} : isMissing(reply, id),
  );
}

/** A silence is found by the matchers that it has, not by the alerts that it would match. */
const hasAll = (matchers: readonly LabelMatcher[], wanted: readonly LabelMatcher[]): boolean =>
  wanted.every(({ label, op, value }) =>
    matchers.some((one) => one.label === label && one.op === op && one.value === value),
  );
