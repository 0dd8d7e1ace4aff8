import { CodedError } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import { HOST } from "../ports.ts";
import type { ImportAt } from "../sessions.ts";

/** A thousand users are signed in at once, by a process that has just been started. */
const WITHIN_MS = 30_000;

/** Over HTTP, to the auth server's own port. */
export const importOverHttp: ImportAt = async ({ name, port }, users) => {
  const { ok, status, text } = await callHttp({
    origin: `http://${HOST}:${port}`,
    path: "/sessions",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ users }),
    withinMs: WITHIN_MS,
  });
  if (!ok) throw new CodedError("UNIT_FAILED", `${name} took no sessions: ${status}`);
  return (JSON.parse(text) as { sessions: readonly string[] }).sessions;
};
