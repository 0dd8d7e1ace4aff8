/** A session as a client carries it: the auth server that has it in memory, and its token there. */
interface CarriedSession {
  readonly server: string;
  readonly token: string;
}

/** The session as a cookie's value. Server names may have dots, tokens have none. */
export function carried({ server, token }: CarriedSession): string {
  return `${server}.${token}`;
}

/** The session in a Cookie header; undefined when there is none that could be one of ours. */
export function sessionOf(cookies: string | undefined): CarriedSession | undefined {
  for (const cookie of cookies?.split(";") ?? []) {
    const found = /^\s*session=([\w.-]+)\.([a-z0-9]+)\s*$/.exec(cookie);
    const [, server, token] = found ?? [];
    if (server !== undefined && token !== undefined) return { server, token };
  }
  return undefined;
}
