import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { createTokenCheck, type AdminTokens } from "../../runtime/admin-guard.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { AppliedVersion, PushTerms } from "../config/config-control.ts";
import { ADMIN, type Identities, type Identity } from "../config/rollout/identity.ts";
import type { ChangeNote } from "../config/store.ts";
import { withText } from "./admin-errors.ts";
import { versionsAllowed } from "./if-match.ts";

/** Who asks for a change, why and how, from the head of a request. */
export interface RequestTerms {
  readonly by: Identity;
  readonly note: ChangeNote;
  readonly terms: PushTerms & { readonly by: Identity };
}

/** The holders of tokens: of the one that the balancer was started with, and of those that its configuration names. */
export interface Callers extends AdminTokens {
  /** Of a request that the guard has admitted. */
  of(request: FastifyRequest): Identity;
}

export function createCallers(
  token: string | undefined,
  identities: () => Identities,
  any: () => boolean,
): Callers {
  const isAdmin = token === undefined ? () => false : createTokenCheck(token);
  return {
    get any() {
      return token !== undefined || any();
    },
    accepts: (authorization) => isAdmin(authorization) || identities()(authorization) !== undefined,
    of: ({ headers: { authorization } }) => identities()(authorization) ?? ADMIN,
  };
}

/**
 * From the headers `X-Reason` (percent-encoded), `X-Environment`, `X-Emergency`, `If-Match`, and `X-Author` of whoever has the
 * shared token: holders of a token of their own are the authors of what they do. Throws USAGE.
 */
export function termsOf(request: FastifyRequest, callers: Callers, reason: string): RequestTerms {
  const by = callers.of(request);
  const given = textOf(request, "x-reason");
  const emergency = isEmergency(request);
  if (emergency && given === undefined)
    throw new CodedError("USAGE", "an emergency needs a reason: the header X-Reason", {
      hint: "it is written to the log, the change log and the history",
    });
  const author = by === ADMIN ? (textOf(request, "x-author") ?? by.name) : by.name;
  const environment = textOf(request, "x-environment");
  const expected = versionsAllowed(request.headers["if-match"]);
  return { by, note: { author, reason: given ?? reason }, terms: { by, expected, environment, emergency } };
}

function isEmergency({ headers }: FastifyRequest): boolean {
  const value = headers["x-emergency"];
  if (value === undefined) return false;
  if (value === "true") return true;
  throw new CodedError("USAGE", "X-Emergency is true, or absent");
}

/** A header for files and terminals: decoded, without control characters, 200 characters at most. */
function textOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  if (typeof value !== "string") return undefined;
  let text = value;
  try {
    text = decodeURIComponent(value);
  } catch {
    // Not encoded after all: as it came.
  }
  const plain = text
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, 200);
  return plain === "" ? undefined : plain;
}

/** The version in force, its tag, and the findings against it, which it was applied in spite of. */
export function answerApplied(reply: FastifyReply, { findings, ...version }: AppliedVersion): object {
  void reply.header("etag", `"${version.version}"`);
  return { ...version, findings: findings.map(withText) };
}

export const bytesOf = (request: FastifyRequest): Uint8Array =>
  (request.body as Uint8Array | undefined) ?? new Uint8Array();

/** Throws USAGE. */
export function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const checked = schema.safeParse(body);
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map(({ path, message }) => [...path, message].join(": "));
  throw new CodedError("USAGE", issues.join("; "));
}
