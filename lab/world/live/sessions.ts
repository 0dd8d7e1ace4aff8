import { CodedError } from "../../../runtime/errors.ts";
import type { ImportAt } from "../sessions.ts";

/** Over HTTP, to the auth server's own port. */
export const importOverHttp: ImportAt = async ({ name, port }, users) => {
  const response = await fetch(`http://127.0.0.1:${port}/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify({ users }),
  });
  if (!response.ok) throw new CodedError("UNIT_FAILED", `${name} took no sessions: ${response.status}`);
  return ((await response.json()) as { sessions: readonly string[] }).sessions;
};
