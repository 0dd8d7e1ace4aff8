import { callHttp } from "../../../runtime/http-call.ts";

/** Longer than any scrape may take: a target's own timeout ends it before, by the signal. */
const WITHIN_MS = 60_000;

/** A target's text exposition over HTTP. Rejects when it does not answer with one. */
export async function httpGet(url: string, signal: AbortSignal): Promise<string> {
  const { origin, pathname, search } = new URL(url);
  const { ok, status, text } = await callHttp({
    origin,
    path: `${pathname}${search}`,
    headers: { accept: "text/plain;version=0.0.4", "user-agent": "lblab-evaluator" },
    withinMs: WITHIN_MS,
    signal,
  });
  if (!ok) throw new Error(`server returned HTTP status ${status}`);
  return text;
}
