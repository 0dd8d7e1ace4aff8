import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { callHttp, type HttpAnswer } from "../../../runtime/http-call.ts";
import type { Monitoring, QueryAnswer, SilenceRequest } from "../monitoring.ts";
import { ANSWER_WITHIN_MS } from "../timings.ts";
import type { ActionResult } from "../world.ts";

export interface PrometheusAddress {
  /** Base URL of Prometheus' HTTP API, without a slash at its end. */
  readonly prometheus: string;
  /** Base URL of Alertmanager's. */
  readonly alertmanager: string;
  /** For changes, where the API asks for one. */
  readonly token?: string;
}

/** Asks Prometheus and Alertmanager, or the lab's evaluator that speaks like both. */
export function createPrometheusClient(
  { prometheus, alertmanager, token }: PrometheusAddress,
  { clock }: { readonly clock: Clock },
): Pick<Monitoring, "query" | "silence"> {
  return {
    async query({ expression, range }) {
      const now = clock.wall() / 1000;
      const form = new URLSearchParams({ query: expression });
      if (range) {
        form.set("start", String(now - range.seconds));
        form.set("end", String(now));
        form.set("step", String(range.stepSeconds));
      } else form.set("time", String(now));
      const answer = await post(`${prometheus}/api/v1/${range ? "query_range" : "query"}`, {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: form.toString(),
      });
      const body = JSON.parse(answer.text) as
        | { readonly status: "success"; readonly data: QueryAnswer }
        | { readonly status: "error"; readonly error: string };
      if (body.status === "success") return body.data;
      throw new CodedError("USAGE", body.error, { hint: "see the README for what can be asked" });
    },
    async silence({ matchers, seconds, by, comment }: SilenceRequest): Promise<ActionResult> {
      const now = clock.wall();
      const { ok, text } = await post(`${alertmanager}/api/v2/silences`, {
        headers: {
          "content-type": "application/json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({
          matchers,
          startsAt: new Date(now).toISOString(),
          endsAt: new Date(now + seconds * 1000).toISOString(),
          createdBy: by,
          comment,
        }),
      });
      if (!ok) return { ok, message: text.slice(0, 500) };
      const { silenceID } = JSON.parse(text) as { readonly silenceID: string };
      return { ok, message: `silence ${silenceID} for ${seconds} s` };
    },
  };
}

async function post(
  url: string,
  given: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<HttpAnswer> {
  const { origin, pathname: path } = new URL(url);
  try {
    return await callHttp({ origin, path, method: "POST", ...given, withinMs: ANSWER_WITHIN_MS.query });
  } catch (error) {
    throw new CodedError("ENVIRONMENT", `${origin} does not answer: ${messageOf(error)}`, {
      hint: "npx lblab ps shows whether the evaluator runs",
      cause: error,
    });
  }
}
