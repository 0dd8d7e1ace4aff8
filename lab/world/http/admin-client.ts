import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import type { CanaryStatus } from "../../../lb/config/rollout/canary.ts";
import type { UpstreamAction } from "../../../scenarios/action.ts";
import type { Finding } from "../../../lb/config/lint/lint.ts";
import type { Fault } from "../../../runtime/yaml/fault.ts";
import type { AdminClient } from "../admin-client.ts";
import type { ConfigAnswer } from "../config-answer.ts";
import { ANSWER_WITHIN_MS } from "../timings.ts";
import { upstreamPatch } from "../upstream-patch.ts";
import type { ActionResult } from "../action-result.ts";
import type { ConfigVersion, PoolStatus } from "../world.ts";

/** A client of the admin API of a balancer's process. `address` is HOST:PORT. */
export function createAdminClient(address: string, token: string): AdminClient {
  const json = { "content-type": "application/json" };
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
    return answer && (answer.ok ? taken(answer.text) : refused(answer.text));
  }

  async function changeUpstream(step: UpstreamAction): Promise<ActionResult | undefined> {
    const path = `/upstreams/${encodeURIComponent(step.upstream)}`;
    const answer = await call("PATCH", path, JSON.stringify(upstreamPatch(step)), json);
    return answer && { ok: answer.ok, message: answer.ok ? messageIn(answer.text) : failure(answer.text) };
  }
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
    canary: (yaml, { author, reason }, words) => {
      const query = new URLSearchParams(
        Object.entries(words).filter((entry): entry is [string, string] => entry[1] !== undefined),
      );
      return change("POST", `/config/canary?${query.toString()}`, yaml, {
        "content-type": "application/yaml",
        "x-author": author,
        "x-reason": encodeURIComponent(reason),
      });
    },
    async endCanary({ do: act, reason }, author) {
      const headers = {
        "x-author": author,
        ...(reason !== undefined && { "x-reason": encodeURIComponent(reason) }),
      };
      if (act === "config promote")
        return change("POST", "/config/canary/promote", "{}", { ...json, ...headers });
      const answer = await call("POST", "/config/canary/abort", "{}", { ...json, ...headers });
      return answer && (answer.ok ? aborted(answer.text) : refused(answer.text));
    },
    canaryStatus: async () =>
      read(await call("GET", "/config/canary"), (body) => (body as { canary: CanaryStatus | null }).canary),
    inForce: async () => read(await call("GET", "/healthz"), (body) => (body as { version: number }).version),
    history: async () =>
      read(await call("GET", "/config/history"), (body) => (body as { versions: ConfigVersion[] }).versions),
    pools: async () => read(await call("GET", "/pools"), (body) => (body as { pools: PoolStatus[] }).pools),
    upstream: changeUpstream,
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

interface AdminError {
  readonly message: string;
  readonly faults?: readonly (Omit<Fault, "file"> & { readonly text: string })[];
}

const errorIn = (text: string): AdminError => (JSON.parse(text) as { readonly error: AdminError }).error;

function failure(text: string): string {
  try {
    const { message, faults = [] } = errorIn(text);
    return [message, ...faults.map((fault) => fault.text)].join("\n");
  } catch {
    return text.slice(0, 200);
  }
}

function refused(text: string): ConfigAnswer {
  try {
    const { message, faults } = errorIn(text);
    return faults === undefined ? { taken: false, message } : { taken: false, faults };
  } catch {
    return { taken: false, message: text.slice(0, 200) };
  }
}

function taken(text: string): ConfigAnswer {
  try {
    const { version, restores, findings } = JSON.parse(text) as {
      readonly version: number;
      readonly restores?: number;
      readonly findings: readonly Finding[];
    };
    return { taken: true, version: { version, restores }, findings };
  } catch (error) {
    return { taken: false, message: `the balancer's admin gave no JSON: ${messageOf(error)}` };
  }
}

function aborted(text: string): ConfigAnswer {
  const { canary } = JSON.parse(text) as { readonly canary: CanaryStatus };
  return { taken: true, version: { version: canary.version }, findings: [] };
}

function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message ?? "done";
  } catch {
    return "done";
  }
}
