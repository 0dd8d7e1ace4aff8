import type { Clock } from "../../runtime/clock.ts";
import { CodedError, messageOf } from "../../runtime/errors.ts";
import type { PostableSilence } from "../observe/api/alertmanager/post-silence.ts";
import type { InstantQuery, RangeQuery } from "../observe/api/prometheus/queries.ts";
import type { SilenceView } from "../observe/pager/silence-view.ts";
import type { MonitoringClient, QueryAnswer } from "./monitoring.ts";

/** Access to Prometheus and Alertmanager: over HTTP, or in the same process. Throws CodedError ENVIRONMENT when neither answers. */
export interface MonitoringEdges {
  /** Throws CodedError USAGE with what is wrong in the expression. */
  query(asked: InstantQuery | RangeQuery): Promise<QueryAnswer>;
  /** Resolves with the id of the silence that was made, or with why none was made. */
  silence(given: PostableSilence): Promise<{ readonly id: string } | { readonly refused: string }>;
  silences(): Promise<readonly SilenceView[]>;
  /** Resolves with why it was not ended; undefined when it was. */
  expireSilence(id: string): Promise<{ readonly refused: string } | undefined>;
}

/** Queries and silences, in every world by the same clock and with the same answers. */
export function createMonitoringClient(
  edges: MonitoringEdges,
  { clock }: { readonly clock: Clock },
): MonitoringClient {
  return {
    query({ expression, range }) {
      const now = clock.wall();
      if (!range) return edges.query({ expression, atMs: now });
      const { seconds, stepSeconds } = range;
      return edges.query({
        expression,
        fromMs: now - seconds * 1000,
        toMs: now,
        stepMs: stepSeconds * 1000,
      });
    },
    async silence({ matchers, seconds, by, comment }) {
      const now = clock.wall();
      const made = await edges.silence({
        matchers: [...matchers],
        startsAt: new Date(now).toISOString(),
        endsAt: new Date(now + seconds * 1000).toISOString(),
        createdBy: by,
        comment,
      });
      return "refused" in made
        ? { ok: false, message: made.refused }
        : { ok: true, message: `silence ${made.id} for ${seconds} s` };
    },
    silences: () => edges.silences(),
    async expireSilence(id) {
      const refusal = await edges.expireSilence(id);
      return refusal
        ? { ok: false, message: refusal.refused }
        : { ok: true, message: `silence ${id} is over` };
    },
  };
}

/** The error of a query whose expression is wrong. */
export const wrongQuery = (message: string, cause?: unknown): CodedError =>
  new CodedError("USAGE", message, { hint: "see the README for what can be asked", cause });

/** The error when nothing answers at this base URL. */
export const noMonitoring = (origin: string, cause?: unknown): CodedError =>
  new CodedError(
    "ENVIRONMENT",
    `${origin} does not answer${cause === undefined ? "" : `: ${messageOf(cause)}`}`,
    { hint: "npx lblab ps shows whether the evaluator runs", cause },
  );
