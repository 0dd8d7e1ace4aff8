import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import type { CanaryStatus } from "../../../lb/config/rollout/canary.ts";
import type { OpenProposal } from "../../../lb/config/rollout/proposals.ts";
import type { RolloutStatus } from "../../../lb/config/rollout/rollout.ts";
import type { CanaryEndAction, GuardAction, UpstreamAction } from "../../../scenarios/action.ts";
import type { Finding } from "../../../lb/config/lint/lint.ts";
import type { Fault } from "../../../runtime/yaml/fault.ts";
import type { AdminClient } from "../admin-client.ts";
import { configResult, refusalIn, type ConfigAnswer } from "../config-answer.ts";
import { fileOf, guardRequest, guardResult, type GuardAnswer } from "../guard-acts.ts";
import { rolloutView, type AuditView, type RolloutView } from "../rollout-view.ts";
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

  return {
    apply: (yaml, { author, reason }) =>
      change("PUT", "/config", yaml, {
        "content-type": "application/yaml",
        ...byHeaders(author, reason),
      }),
    rollback: (version, author) =>
      change("POST", "/config/rollback", JSON.stringify(version === undefined ? {} : { version }), {
        ...json,
        ...byHeaders(author, undefined),
      }),
    canary: (yaml, { author, reason }, words) => {
      const query = new URLSearchParams(
        Object.entries(words).filter((entry): entry is [string, string] => entry[1] !== undefined),
      );
      return change("POST", `/config/canary?${query.toString()}`, yaml, {
        "content-type": "application/yaml",
        ...byHeaders(author, reason),
      });
    },
    endCanary: (step, author) => endedCanary(call, step, author),
    guard: (step, author, until) => guarded(call, step, author, until),
    rollout: () => rolloutBy(call),
    audit: async () => read(await call("POST", "/config/audit", "{}", json), (body) => body as AuditView),
    canaryStatus: async () =>
      read(await call("GET", "/config/canary"), (body) => (body as { canary: CanaryStatus | null }).canary),
    inForce: async () => read(await call("GET", "/healthz"), (body) => (body as { version: number }).version),
    history: async () =>
      read(await call("GET", "/config/history"), (body) => (body as { versions: ConfigVersion[] }).versions),
    pools: async () => read(await call("GET", "/pools"), (body) => (body as { pools: PoolStatus[] }).pools),
    upstream: (step, terms) => changedUpstream(call, step, terms),
  };
}

type Call = (
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
) => Promise<{ readonly ok: boolean; readonly status: number; readonly text: string } | undefined>;

const byHeaders = (author: string, reason: string | undefined): Record<string, string> => ({
  "x-author": author,
  ...(reason !== undefined && { "x-reason": encodeURIComponent(reason) }),
});

async function changedUpstream(
  call: Call,
  step: UpstreamAction,
  { reason, emergency = false }: { readonly reason?: string; readonly emergency?: boolean } = {},
): Promise<ActionResult | undefined> {
  const path = `/upstreams/${encodeURIComponent(step.upstream)}`;
  const answer = await call("PATCH", path, JSON.stringify(upstreamPatch(step)), {
    "content-type": "application/json",
    ...(reason !== undefined && { "x-reason": encodeURIComponent(reason) }),
    ...(emergency && { "x-emergency": "true" }),
  });
  if (!answer) return undefined;
  return answer.ok ? { ok: true, message: messageIn(answer.text) } : configResult(refused(answer.text), "");
}

async function endedCanary(
  call: Call,
  { do: act, reason }: CanaryEndAction,
  author: string,
): Promise<ConfigAnswer | undefined> {
  const verb = act === "config promote" ? "promote" : "abort";
  const headers = { "content-type": "application/json", ...byHeaders(author, reason) };
  const answer = await call("POST", `/config/canary/${verb}`, "{}", headers);
  if (!answer) return undefined;
  if (!answer.ok) return refused(answer.text);
  return verb === "promote" ? taken(answer.text) : aborted(answer.text);
}

async function guarded(
  call: Call,
  step: GuardAction,
  author: string,
  until: number | undefined,
): Promise<ActionResult | undefined> {
  const { path, body, type } = guardRequest(step, until);
  const answer = await call("POST", path, body, {
    "content-type": type,
    ...byHeaders(author, step.reason),
    ...("over" in step && step.over !== undefined && { "if-match": `"${step.over}"` }),
  });
  if (!answer) return undefined;
  if (!answer.ok) return configResult(refused(answer.text), fileOf(step));
  return guardResult(step, JSON.parse(answer.text) as GuardAnswer);
}

async function rolloutBy(call: Call): Promise<RolloutView | undefined> {
  const [status, canary, proposal] = await Promise.all([
    call("GET", "/config/rollout"),
    call("GET", "/config/canary"),
    call("GET", "/config/proposal"),
  ]);
  const shown = read(status, (body) => body as RolloutStatus);
  const tried = read(canary, (body) => (body as { canary: CanaryStatus | null }).canary);
  if (!shown || tried === undefined || !proposal) return undefined;
  // None waits.
  const open = proposal.status === 404 ? undefined : read(proposal, (body) => body as OpenProposal);
  return rolloutView(shown, tried ?? undefined, open);
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
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly findings?: readonly Finding[];
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
    const { code, message, hint, faults, findings } = errorIn(text);
    if (faults !== undefined) return { taken: false, faults };
    return {
      taken: false,
      ...refusalIn(code, message, hint),
      ...(findings !== undefined && { findings }),
    };
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
