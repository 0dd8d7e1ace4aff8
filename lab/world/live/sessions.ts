import { CodedError } from "../../../runtime/errors.ts";
import type { Topology, Workload } from "../../../scenarios/scenario.ts";

/**
 * Signs every user in at the auth servers, in turns, as if they had come over the last hour: a lab that starts would
 * otherwise begin with a rush of logins. Resolves with one session cookie a user.
 */
export async function importSessions(topology: Topology, { users }: Workload): Promise<readonly string[]> {
  const servers = topology.backends.filter(({ role }) => role === "auth");
  const sessions: string[] = Array.from({ length: users.count }, () => "");
  await Promise.all(
    servers.map(async ({ name, port }, turn) => {
      const mine = sessions.map((_, user) => user).filter((user) => user % servers.length === turn);
      const response = await fetch(`http://127.0.0.1:${port}/sessions`, {
        method: "POST",
        headers: { "content-type": "application/json", connection: "close" },
        body: JSON.stringify({ users: mine.map((user) => `${users.prefix}${user}`) }),
      });
      if (!response.ok) throw new CodedError("UNIT_FAILED", `${name} took no sessions: ${response.status}`);
      const made = ((await response.json()) as { sessions: readonly string[] }).sessions;
      mine.forEach((user, i) => (sessions[user] = made[i] ?? ""));
    }),
  );
  return sessions;
}
