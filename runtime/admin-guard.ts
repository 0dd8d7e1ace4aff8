import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";

export interface AdminGuard {
  /** What a change must present as `Authorization: Bearer`; undefined: no change is accepted at all. */
  readonly token: string | undefined;
  /** The port that the surface is reached on, once it listens. */
  readonly port: () => number;
}

const READ_ONLY = new Set(["GET", "HEAD"]);

/**
 * What both admin surfaces demand of a request, before anything of its body is read: a Host that is this machine's
 * loopback (against DNS rebinding), no page of another origin behind it, and for every change the run's token.
 */
export function guardAdmin(server: FastifyInstance, { token, port }: AdminGuard): void {
  server.addHook("onRequest", async (request, reply) => {
    const refusal = refuse(request, token, port());
    if (!refusal) return;
    // The body stays unread: whatever follows on this connection cannot be told from it.
    await reply
      .code(refusal.status)
      .header("connection", "close")
      .headers(refusal.status === 401 ? { "www-authenticate": "Bearer" } : {})
      .send({ error: { code: refusal.code, message: refusal.message } });
  });
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function refuse(
  { headers, method }: FastifyRequest,
  token: string | undefined,
  port: number,
): Refusal | undefined {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  if (!own.includes(headers.host ?? ""))
    return { status: 421, code: "WRONG_HOST", message: `this surface answers to ${own.join(", ")} only` };
  const { origin } = headers;
  if (origin !== undefined && !own.some((host) => origin === `http://${host}`))
    return { status: 403, code: "FOREIGN_ORIGIN", message: "requests of other origins are refused" };
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return { status: 403, code: "CROSS_SITE", message: "cross-site requests are refused" };
  if (READ_ONLY.has(method)) return undefined;
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
  if (token !== undefined && given !== undefined && sameText(given, token)) return undefined;
  return {
    status: 401,
    code: "UNAUTHORIZED",
    message: "a change needs the run's token as Authorization: Bearer",
  };
}

function sameText(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}
