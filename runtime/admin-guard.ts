import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { CodedError, messageOf } from "./errors.ts";

/** Why a request to an admin surface is refused before anything of it is read. */
export interface AdminRefusal {
  readonly status: number;
  readonly code: "HOST_REFUSED" | "ORIGIN_REFUSED" | "UNAUTHORIZED";
  readonly message: string;
}

export interface AdminAddress {
  readonly host: string;
  readonly port: number;
  /** Further names, with their ports, that hold at the moment. */
  readonly more?: () => readonly string[];
}

/** Says of a request by its method and its head whether it may go on. */
export type AdminGuard = (method: string, headers: IncomingHttpHeaders) => AdminRefusal | undefined;

/**
 * Reads need an exact Host and must not come from a page elsewhere: a browser on this machine is a way in for the
 * whole web. Everything else needs the token as well. Without a token nothing but reading is possible.
 */
export function createAdminGuard(
  { host, port, more = () => [] }: AdminAddress,
  token: string | undefined,
): AdminGuard {
  const named = host.includes(":") ? `[${host}]` : host;
  const hosts = new Set(["127.0.0.1", "localhost", "[::1]", named].map((name) => `${name}:${port}`));
  const origins = new Set(Array.from(hosts, (name) => `http://${name}`));
  const wanted = token === undefined ? undefined : digest(`Bearer ${token}`);

  return (method, headers) => {
    if (!hosts.has(headers.host ?? "") && !more().includes(headers.host ?? ""))
      return { status: 403, code: "HOST_REFUSED", message: `ask for it as ${[...hosts].join(", ")}` };
    const site = headers["sec-fetch-site"];
    if (
      (headers.origin !== undefined && !origins.has(headers.origin)) ||
      (site !== undefined && site !== "same-origin" && site !== "none")
    )
      return { status: 403, code: "ORIGIN_REFUSED", message: "pages from elsewhere may not ask" };
    if (method === "GET" || method === "HEAD") return undefined;
    if (wanted !== undefined && timingSafeEqual(digest(headers.authorization ?? ""), wanted))
      return undefined;
    const message =
      wanted === undefined
        ? "started without a token, nothing can be changed here"
        : "changes need the bearer token";
    return { status: 401, code: "UNAUTHORIZED", message };
  };
}

/** Digests are of one length, whatever was sent. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The token of a file that nobody else can read. Throws ENVIRONMENT. */
export function readToken(path: string): string {
  let token: string;
  try {
    if ((statSync(path).mode & 0o077) !== 0) throw new Error("others can read it, its mode must be 0600");
    token = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new CodedError("ENVIRONMENT", `the token file ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (token.length < 16)
    throw new CodedError("ENVIRONMENT", `the token file ${path}: a token has 16 characters or more`);
  return token;
}
