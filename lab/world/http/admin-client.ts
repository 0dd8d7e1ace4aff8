import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import type { Finding } from "../../../lb/config/lint/lint.ts";
import { activeVersion } from "../active-version.ts";
import type { AdminClient } from "../admin-client.ts";
import { ANSWER_WITHIN_MS } from "../timings.ts";
import { upstreamPatch } from "../upstream-patch.ts";
import type { ActionResult, ConfigVersion, PoolStatus } from "../world.ts";

/** Speaks to the admin API of a balancer's process. `address` is HOST:PORT. */
export function createAdminClient(address: string, token: string): AdminClient {
  async function call(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
    try {
      return await callHttp({
        origin: `http://${address}`,
        path,
        method,
        headers: { ...headers, ...(method === "GET" ? {} : { authorization: `Bearer ${token}` }) },
        body,
        withinMs: ANSWER_WITHIN_MS.program,
      });
    } catch {
      // Down, restarting, or another program on its port: the caller decides what that means.
      return undefined;
    }
  }

  async function change(method: string, path: string, body: string, headers: Record<string, string>) {
    const answer = await call(method, path, body, headers);
    return answer && (answer.ok ? taken(answer.text) : { ok: false, message: failure(answer.text) });
  }
  const json = { "content-type": "application/json" };

  return {
    apply: (yaml, { author, reason }) =>
      change("PUT", "/config", yaml, {
        "content-type": "application/yaml",
        "x-author": author,
        "x-reason": encodeURIComponent(reason),
      }),
    rollback: (version, author) =>
      change("POST", "/config/rollback", JSON.stringify(version === undefined ? {} : { version }), {
        ...json,
        "x-author": author,
      }),
    inForce: async () => read(await call("GET", "/healthz"), (body) => (body as { version: number }).version),
    history: async () =>
      read(await call("GET", "/config/history"), (body) => (body as { versions: ConfigVersion[] }).versions),
    pools: async () => read(await call("GET", "/pools"), (body) => (body as { pools: PoolStatus[] }).pools),
    upstream: (step) =>
      change(
        "PATCH",
        `/upstreams/${encodeURIComponent(step.upstream)}`,
        JSON.stringify(upstreamPatch(step)),
        json,
      ),
    metrics: async () => (await call("GET", "/metrics"))?.text,
  };
}

function read<T>(
  answer: { ok: boolean; text: string } | undefined,
  pick: (body: unknown) => T,
): T | undefined {
  if (!answer) return undefined;
  if (!answer.ok) throw new CodedError("ENVIRONMENT", `the balancer's admin: ${failure(answer.text)}`);
  try {
    return pick(JSON.parse(answer.text));
  } catch (error) {
    throw new CodedError("ENVIRONMENT", `the balancer's admin gave no JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function failure(text: string): string {
  try {
    const { error } = JSON.parse(text) as {
      error: { message: string; faults?: readonly { text: string }[] };
    };
    return [error.message, ...(error.faults ?? []).map((fault) => fault.text)].join("\n");
  } catch {
    return text.slice(0, 200);
  }
}

function taken(text: string): ActionResult {
  try {
    const { message, version, restores, findings } = JSON.parse(text) as {
      message?: string;
      version?: number;
      restores?: number;
      findings?: readonly Finding[];
    };
    return message === undefined && version !== undefined
      ? activeVersion({ version, restores }, findings ?? [])
      : { ok: true, message: message ?? "done" };
  } catch {
    return { ok: true, message: "done" };
  }
}
