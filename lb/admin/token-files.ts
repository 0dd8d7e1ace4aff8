import { resolve } from "node:path";
import { createTokenCheck, readToken } from "../../runtime/admin-guard.ts";
import { messageOf } from "../../runtime/errors.ts";
import type { Identities } from "../config/rollout/identity.ts";
import type { BalancerConfig } from "../config/schema.ts";
import { UnmetNeed } from "../config/unmet-need.ts";

/**
 * Reads the tokens that a configuration names; their paths are relative to `directory`. Throws UnmetNeed for a file that
 * cannot be read, or that others can read, and for a token that somebody else has, too: whoever holds it could approve
 * what they have made.
 */
export function readIdentities(
  { admin: { tokens } }: Pick<BalancerConfig, "admin">,
  directory: string,
  adminToken: string | undefined,
): Identities {
  const owners = new Map<string, string>();
  if (adminToken !== undefined) owners.set(adminToken, "whoever has the token of --admin-token");
  const holders = tokens.map(({ name, role, file }, index) => {
    const path = ["admin", "tokens", index, "file"];
    const token = readAt(resolve(directory, file), path);
    const owner = owners.get(token);
    if (owner !== undefined)
      throw new UnmetNeed(
        "CONFIG_INVALID",
        path,
        `${name} has the same token as ${owner}: each needs an own one`,
      );
    owners.set(token, name);
    return { identity: { name, role }, holds: createTokenCheck(token) };
  });
  return (authorization) => holders.find(({ holds }) => holds(authorization))?.identity;
}

function readAt(file: string, path: readonly (string | number)[]): string {
  try {
    return readToken(file);
  } catch (error) {
    throw new UnmetNeed("CONFIG_INVALID", path, messageOf(error), error);
  }
}
