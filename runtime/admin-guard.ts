import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { CodedError } from "./errors.ts";
import { readSecretFile } from "./secret-file.ts";

/** Why a request to an admin surface is refused by its head alone. */
export interface AdminRefusal {
  readonly status: number;
  readonly code: "HOST_REFUSED" | "ORIGIN_REFUSED" | "UNAUTHORIZED";
  readonly message: string;
}

export interface AdminAddress {
  readonly host: string;
  readonly port: number;
  /** Further `HOST:PORT` names that are accepted at the moment. */
  readonly more?: () => readonly string[];
}

/** The head of a request, as Node gives it. */
export interface AdminRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn: `headers` shows only the first Host. */
  readonly rawHeaders: readonly string[];
}

/** The tokens of a surface, which may change while it serves. */
export interface AdminTokens {
  /** False: nothing can be changed. */
  readonly any: boolean;
  /** Whether an `Authorization` field carries one of them. */
  accepts(authorization: string | undefined): boolean;
}

/** Admits or refuses a request by its method and its head. */
export type AdminGuard = (request: AdminRequest) => AdminRefusal | undefined;

/**
 * Reads need one exact Host and must not come from a page of another origin: a browser on this machine can be used by
 * any website. Everything else needs the token as well. Without a token only reads are possible.
 */
export function createAdminGuard(
  { host: boundTo, port, more = () => [] }: AdminAddress,
  token: string | AdminTokens | undefined,
): AdminGuard {
  const named = boundTo.includes(":") ? `[${boundTo}]` : boundTo;
  const hosts = new Set(["127.0.0.1", "localhost", "[::1]", named].map((name) => `${name}:${port}`));
  const origins = new Set(Array.from(hosts, (name) => `http://${name}`));
  const tokens = typeof token === "object" ? token : tokensOf(token);

  return ({ method, headers, rawHeaders }) => {
    const host = headers.host ?? "";
    if (hostFields(rawHeaders) !== 1 || (!hosts.has(host) && !more().includes(host)))
      return { status: 403, code: "HOST_REFUSED", message: `ask for it as ${[...hosts].join(", ")}` };
    const site = headers["sec-fetch-site"];
    if (
      (headers.origin !== undefined && !origins.has(headers.origin)) ||
      (site !== undefined && site !== "same-origin" && site !== "none")
    )
      return { status: 403, code: "ORIGIN_REFUSED", message: "pages from elsewhere may not ask" };
    if (method === "GET" || method === "HEAD") return undefined;
    if (tokens.accepts(headers.authorization)) return undefined;
    const message = tokens.any
      ? "changes need the bearer token"
      : "started without a token, nothing can be changed here";
    return { status: 401, code: "UNAUTHORIZED", message };
  };
}

const tokensOf = (token: string | undefined): AdminTokens => ({
  any: token !== undefined,
  accepts: token === undefined ? () => false : createTokenCheck(token),
});

/** A test whether an `Authorization` field carries this token. */
export function createTokenCheck(token: string): (authorization: string | undefined) => boolean {
  const wanted = digest(token);
  return (authorization) => timingSafeEqual(digest(bearer(authorization)), wanted);
}

const hostFields = (rawHeaders: readonly string[]): number =>
  rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host").length;

/** The token of an `Authorization` field; a scheme's case does not matter (RFC 9110, 11.1). */
const bearer = (authorization = ""): string => /^bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "";

/** Digests have one length, whatever was sent, as a comparison in constant time needs. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The token in a file that only its owner can read. Throws ENVIRONMENT. */
export function readToken(path: string): string {
  const token = readSecretFile(path, "the token file").reveal();
  if (token.length < 16)
    throw new CodedError("ENVIRONMENT", `the token file ${path}: a token has 16 characters or more`);
  return token;
}
