import type { BackendSpec, Topology, Workload } from "../../scenarios/scenario.ts";

/** Signs these users in at an auth server; resolves with their session cookies, in their order. */
export type ImportAt = (server: BackendSpec, users: readonly string[]) => Promise<readonly string[]>;

/**
 * Signs every user in at the auth servers, in turns, as if they had come over the last hour: a lab that starts would
 * otherwise begin with a rush of logins. Resolves with one session cookie a user.
 */
export async function importSessions(
  topology: Topology,
  { users }: Workload,
  importAt: ImportAt,
): Promise<readonly string[]> {
  const servers = topology.backends.filter(({ role }) => role === "auth");
  const sessions: string[] = Array.from({ length: users.count }, () => "");
  await Promise.all(
    servers.map(async (server, turn) => {
      const mine = sessions.map((_, user) => user).filter((user) => user % servers.length === turn);
      const made = await importAt(
        server,
        mine.map((user) => `${users.prefix}${user}`),
      );
      mine.forEach((user, i) => (sessions[user] = made[i] ?? ""));
    }),
  );
  return sessions;
}
