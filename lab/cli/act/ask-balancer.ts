import { CodedError, ERROR_CATALOGUE, type ErrorCode } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import { ANSWER_WITHIN_MS } from "../../world/timings.ts";
import { readText } from "../arguments.ts";
import type { AloneFlags } from "./canary.ts";
import { addressOf } from "./upstream.ts";

/** One request to the admin interface of a balancer that runs without a lab. */
export interface BalancerRequest {
  readonly method?: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The text of its answer. Throws what the balancer refused with, under its code; USAGE without an address or, for a
 * change, without a token; ENVIRONMENT without an answer.
 */
export async function askBalancer(
  { admin, adminToken }: AloneFlags,
  { method = "GET", path, body, headers = {} }: BalancerRequest,
): Promise<string> {
  if (admin === undefined)
    throw new CodedError(
      "USAGE",
      "--admin is missing: the admin address of a balancer, such as 127.0.0.1:8404",
    );
  if (method !== "GET" && adminToken === undefined)
    throw new CodedError("USAGE", "--admin-token is missing: a balancer takes no changes without a token");
  const token = adminToken === undefined ? undefined : readText(adminToken).trim();
  const answer = await callHttp({
    origin: `http://${addressOf(admin)}`,
    path,
    method,
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body,
    withinMs: ANSWER_WITHIN_MS.program,
  }).catch((cause: unknown) => {
    throw new CodedError("ENVIRONMENT", `no balancer answers on ${admin}`, { cause });
  });
  if (answer.ok) return answer.text;
  throw refusal(answer.text);
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly faults?: readonly { readonly text: string }[];
}

function refusal(text: string): CodedError {
  const error = errorIn(text);
  if (!error) return new CodedError("ENVIRONMENT", `the balancer's admin: ${text.slice(0, 200)}`);
  const { code, message, hint, faults = [] } = error;
  const known = code in ERROR_CATALOGUE ? (code as ErrorCode) : "ENVIRONMENT";
  const lines = [message, ...faults.map((fault) => fault.text)].join("\n");
  return new CodedError(known, lines, hint === undefined ? {} : { hint });
}

function errorIn(text: string): Refusal | undefined {
  try {
    return (JSON.parse(text) as { readonly error?: Refusal }).error;
  } catch {
    return undefined;
  }
}
