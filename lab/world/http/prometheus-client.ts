import { CodedError } from "../../../runtime/errors.ts";
import { callHttp, type HttpAnswer, type HttpCall } from "../../../runtime/http-call.ts";
import type { SilenceView } from "../../observe/pager/silence-view.ts";
import type { InstantQuery, RangeQuery } from "../../observe/api/prometheus/queries.ts";
import { noMonitoring, wrongQuery, type MonitoringEdges } from "../monitoring-client.ts";
import type { QueryAnswer } from "../monitoring.ts";
import { ANSWER_WITHIN_MS } from "../timings.ts";

export interface PrometheusAddress {
  /** Base URL of Prometheus' HTTP API, without a slash at its end. */
  readonly prometheus: string;
  /** Base URL of Alertmanager's. */
  readonly alertmanager: string;
  /** For changes, where the API requires one. */
  readonly token?: string;
}

/** Prometheus and Alertmanager over HTTP, or the lab's evaluator, which has the APIs of both. */
export function overHttp({ prometheus, alertmanager, token }: PrometheusAddress): MonitoringEdges {
  const authorization: Readonly<Record<string, string>> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async query(asked) {
      const { text } = await call(prometheus, `/api/v1/${"atMs" in asked ? "query" : "query_range"}`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: formOf(asked).toString(),
      });
      const answer = JSON.parse(text) as
        | { readonly status: "success"; readonly data: QueryAnswer }
        | { readonly status: "error"; readonly error: string };
      if (answer.status === "success") return answer.data;
      throw wrongQuery(answer.error);
    },
    async silence(given) {
      const { ok, text } = await call(alertmanager, "/api/v2/silences", {
        method: "POST",
        headers: { "content-type": "application/json", ...authorization },
        body: JSON.stringify(given),
      });
      if (!ok) return { refused: reasonIn(text) };
      return { id: (JSON.parse(text) as { readonly silenceID: string }).silenceID };
    },
    async silences() {
      const { ok, text } = await call(alertmanager, "/api/v2/silences", {});
      if (!ok) throw new CodedError("ENVIRONMENT", `the silences cannot be read: ${reasonIn(text)}`);
      return JSON.parse(text) as readonly SilenceView[];
    },
    async expireSilence(id) {
      const path = `/api/v2/silence/${encodeURIComponent(id)}`;
      const { ok, text } = await call(alertmanager, path, { method: "DELETE", headers: authorization });
      return ok ? undefined : { refused: reasonIn(text) || `there is no silence ${id}` };
    },
  };
}

function formOf(asked: InstantQuery | RangeQuery): URLSearchParams {
  const form = new URLSearchParams({ query: asked.expression });
  if ("atMs" in asked) form.set("time", String(asked.atMs / 1000));
  else {
    form.set("start", String(asked.fromMs / 1000));
    form.set("end", String(asked.toMs / 1000));
    form.set("step", String(asked.stepMs / 1000));
  }
  return form;
}

async function call(
  origin: string,
  path: string,
  given: Pick<HttpCall, "method" | "headers" | "body">,
): Promise<HttpAnswer> {
  try {
    return await callHttp({ origin, path, ...given, withinMs: ANSWER_WITHIN_MS.query });
  } catch (error) {
    throw noMonitoring(origin, error);
  }
}

/** Alertmanager answers with a JSON string, or with an object that has a `message`. */
function reasonIn(text: string): string {
  try {
    const body = JSON.parse(text) as string | { readonly message?: string };
    const reason = typeof body === "string" ? body : body.message;
    if (reason !== undefined) return reason.slice(0, 500);
  } catch {
    // No JSON: the text itself is all there is.
  }
  return text.slice(0, 500);
}
