import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { LabelMatcher } from "../samples.ts";
import type { Pager } from "../pager/pager.ts";
import type { Silence } from "../pager/silences.ts";

const silence = z.strictObject({
  id: z.string().optional(),
  matchers: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z_]\w*$/),
        value: z.string(),
        isRegex: z.boolean(),
        isEqual: z.boolean().default(true),
      }),
    )
    .min(1)
    .max(50),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  createdBy: z.string().min(1).max(200),
  comment: z.string().max(2000),
});

/** The part of Alertmanager's API v2 that shows alerts and makes silences. */
export function addAlertmanagerApi(
  server: FastifyInstance,
  { clock, pager }: { readonly clock: Clock; readonly pager: Pager },
): void {
  server.get("/api/v2/alerts", () =>
    pager.firing.map(({ fingerprint, labels, annotations, startsAt }) => {
      const { inhibitedBy, silencedBy } = pager.suppression(labels);
      const state = inhibitedBy.length + silencedBy.length > 0 ? "suppressed" : "active";
      return {
        fingerprint,
        labels,
        annotations,
        startsAt: new Date(startsAt).toISOString(),
        generatorURL: "",
        status: { state, inhibitedBy, silencedBy },
      };
    }),
  );
  server.get("/api/v2/silences", () => pager.silences.all.map((one) => silenceView(one, clock.wall())));
  server.post("/api/v2/silences", (request, reply) => {
    const checked = silence.safeParse(request.body);
    if (!checked.success) return reply.code(400).send({ code: 400, message: z.prettifyError(checked.error) });
    const { matchers, startsAt, endsAt, createdBy, comment } = checked.data;
    try {
      const { id } = pager.silences.add(
        {
          matchers: matchers.map(({ name, value, isRegex, isEqual }): LabelMatcher => {
            const op = isRegex ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!=";
            return { label: name, op, value };
          }),
          startsAt: Date.parse(startsAt),
          endsAt: Date.parse(endsAt),
          createdBy,
          comment,
        },
        clock.wall(),
      );
      return { silenceID: id };
    } catch (error) {
      // A faulty expression among the matchers is the asker's, too.
      const code = error instanceof CodedError || error instanceof Error ? 400 : 500;
      return reply.code(code).send({ code, message: messageOf(error) });
    }
  });
  server.delete<{ Params: { id: string } }>("/api/v2/silence/:id", (request, reply) => {
    const { id } = request.params;
    if (pager.silences.expire(id, clock.wall())) return {};
    return reply.code(404).send({ code: 404, message: `there is no silence ${id} that is not over` });
  });
}

function silenceView({ id, matchers, startsAt, endsAt, createdBy, comment }: Silence, now: number) {
  return {
    id,
    matchers: matchers.map(({ label, op, value }) => ({
      name: label,
      value,
      isRegex: op.endsWith("~"),
      isEqual: op.startsWith("="),
    })),
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    createdBy,
    comment,
    status: { state: endsAt <= now ? "expired" : startsAt > now ? "pending" : "active" },
  };
}
