import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { UpstreamAction } from "../../../scenarios/action.ts";
import type { Finding } from "../../../lb/config/lint/lint.ts";
import { activeVersion } from "../active-version.ts";
import { upstreamPatch } from "../upstream-patch.ts";
import type { ActionResult, ConfigVersion, PoolStatus } from "../world.ts";

/** Speaks to the balancer's admin API. Undefined everywhere means that the balancer does not answer. */
export interface AdminClient {
  apply(
    yaml: string,
    note: { readonly author: string; readonly reason: string },
  ): Promise<ActionResult | undefined>;
  rollback(version: number | undefined, author: string): Promise<ActionResult | undefined>;
  /** The version in force. */
  inForce(): Promise<number | undefined>;
  history(): Promise<readonly ConfigVersion[] | undefined>;
  pools(): Promise<readonly PoolStatus[] | undefined>;
  upstream(step: UpstreamAction): Promise<ActionResult | undefined>;
  metrics(): Promise<string | undefined>;
}

const TIMEOUT_MS = 2000;

/** `address` is HOST:PORT. */
export function createAdminClient(address: string, token: string): AdminClient {
  const base = `http://${address}`;

  async function call(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${base}${path}`, {
        method,
        headers: {
          ...headers,
          ...(method === "GET" ? {} : { authorization: `Bearer ${token}` }),
          connection: "close",
        },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch {
      // Down, restarting, or another program on its port: the caller decides what that means.
      return undefined;
    }
    return { ok: response.ok, text };
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
