import type { FastifyInstance } from "fastify";
import type { Clock } from "../../../../runtime/clock.ts";
import type { PagedAlert, Pager } from "../../pager/pager.ts";
import { labelTest } from "../../pager/matching.ts";
import { answered, filtersIn, flagIn, receiverTestIn, type Query } from "./parameters.ts";

/** Endpoints of the firing alerts: all of them, and by notification group. */
export function addAlertEndpoints(
  server: FastifyInstance,
  { clock, pager }: { readonly clock: Clock; readonly pager: Pager },
): void {
  const view = (paged: PagedAlert) => alertView(paged, clock.wall(), pager.config.resolveTimeoutMs);

  server.get<{ Querystring: Query }>("/api/v2/alerts", ({ query }, reply) =>
    answered(reply, () => {
      const wanted = wantedBy(query);
      const isReceiver = receiverTestIn(query);
      return pager
        .view()
        .filter((paged) => wanted(paged) && paged.receivers.some(isReceiver))
        .map(view)
        .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    }),
  );

  server.get<{ Querystring: Query }>("/api/v2/alerts/groups", ({ query }, reply) =>
    answered(reply, () => {
      const wanted = wantedBy(query);
      const isReceiver = receiverTestIn(query);
      const paged = new Map(pager.view().map((one) => [one.alert.fingerprint, one]));
      return pager.groups
        .filter(({ receiver }) => isReceiver(receiver))
        .map(({ receiver, labels, fingerprints }) => ({
          labels,
          receiver: { name: receiver },
          alerts: fingerprints
            .flatMap((id) => paged.get(id) ?? [])
            .filter(wanted)
            .map(view),
        }))
        .filter(({ alerts }) => alerts.length > 0);
    }),
  );
}

function wantedBy(query: Query): (paged: PagedAlert) => boolean {
  const matches = labelTest(filtersIn(query));
  const [active, silenced, inhibited] = ["active", "silenced", "inhibited"].map((name) =>
    flagIn(query, name),
  );
  // None is ever unprocessed here: a request for those only gets none.
  flagIn(query, "unprocessed");
  return ({ alert, silencedBy, inhibitedBy }) =>
    matches(alert.labels) &&
    (active === true || silencedBy.length + inhibitedBy.length > 0) &&
    (silenced === true || silencedBy.length === 0) &&
    (inhibited === true || inhibitedBy.length === 0);
}

function alertView(
  { alert, receivers, inhibitedBy, silencedBy, observedAt }: PagedAlert,
  now: number,
  resolveTimeoutMs: number,
) {
  const { fingerprint, labels, annotations, startsAt, generatorUrl } = alert;
  const state = inhibitedBy.length + silencedBy.length > 0 ? "suppressed" : "active";
  return {
    fingerprint,
    labels,
    annotations,
    startsAt: new Date(startsAt).toISOString(),
    // It ends unless it is observed again by then.
    endsAt: new Date((observedAt ?? now) + resolveTimeoutMs).toISOString(),
    updatedAt: new Date(observedAt ?? now).toISOString(),
    generatorURL: generatorUrl,
    receivers: receivers.map((name) => ({ name })),
    status: { state, inhibitedBy, silencedBy },
  };
}
