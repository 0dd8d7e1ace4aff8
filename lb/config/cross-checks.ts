import { bindsCollide } from "../address.ts";
import { nearest } from "./did-you-mean.ts";
import type { Complaint } from "./explain.ts";
import { quote, type Path } from "../../runtime/yaml/fault.ts";
import { DEFAULT_ADMIN_BIND, MAX_LISTENERS } from "./schema.ts";

/**
 * Faults across fields: names used twice, routes to no pool, addresses claimed twice, pools that can serve
 * nothing. Works on the values as read, so that these faults are reported together with those of single fields.
 */
export function crossCheck(config: unknown): Complaint[] {
  // More are a fault by themselves, and each is compared with all others.
  const listeners = list(field(config, "listeners")).slice(0, MAX_LISTENERS);
  const pools = Object.entries(mapping(field(config, "pools")));
  return [
    ...duplicates(listeners, ["listeners"], "listener"),
    ...pools.flatMap(([name, pool]) => [
      ...duplicates(list(field(pool, "upstreams")), ["pools", name, "upstreams"], "upstream of this pool"),
      ...weightless(pool, ["pools", name, "upstreams"]),
    ]),
    ...lostRoutes(
      listeners,
      pools.map(([name]) => name),
    ),
    ...sharedBinds(listeners, field(config, "admin")),
    ...duplicates(list(field(field(config, "admin"), "tokens")), ["admin", "tokens"], "token's holder"),
    ...reservedHolders(list(field(field(config, "admin"), "tokens"))),
  ];
}

/** Names of authors that are none of a person's. */
const RESERVED = new Set(["admin", "file", "automatic-rollback"]);

function reservedHolders(tokens: readonly unknown[]): Complaint[] {
  return tokens.flatMap((token, index): Complaint[] => {
    const name = text(field(token, "name"));
    if (name === undefined || !RESERVED.has(name)) return [];
    const message = `${quote(name)} is what the balancer itself writes as an author, take another`;
    return [{ path: ["admin", "tokens", index, "name"], about: "value", message }];
  });
}

function duplicates(entries: readonly unknown[], path: Path, what: string): Complaint[] {
  const seen = new Map<string, number>();
  return entries.flatMap((entry, index): Complaint[] => {
    const name = text(field(entry, "name"));
    if (name === undefined) return [];
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, index);
      return [];
    }
    const message = `${quote(name)} is already the name of another ${what} (entry ${first}), names must differ`;
    return [{ path: [...path, index, "name"], about: "value", message }];
  });
}

function weightless(pool: unknown, path: Path): Complaint[] {
  const upstreams = list(field(pool, "upstreams"));
  if (upstreams.length === 0 || upstreams.some((upstream) => field(upstream, "weight") !== 0)) return [];
  const message = "every weight is 0, so that nothing would be served: at least one must be above 0";
  return [{ path, about: "key", message }];
}

/** To find what was meant costs the product of both. */
const MAX_HINTS = 100;

function lostRoutes(listeners: readonly unknown[], pools: readonly string[]): Complaint[] {
  const there = new Set(pools);
  const known = pools.slice(0, 20).join(", ");
  let hints = 0;
  return listeners.flatMap((listener, i) =>
    list(field(listener, "routes")).flatMap((route, j): Complaint[] => {
      const pool = text(field(route, "pool"));
      if (pool === undefined || there.has(pool)) return [];
      const near = hints++ < MAX_HINTS ? nearest(pool, pools) : undefined;
      const hint = near === undefined ? "" : `did you mean ${near}? `;
      const message = `there is no pool ${quote(pool)}, ${hint}pools are: ${known === "" ? "none" : known}`;
      return [{ path: ["listeners", i, "routes", j, "pool"], about: "value", message }];
    }),
  );
}

function sharedBinds(listeners: readonly unknown[], admin: unknown): Complaint[] {
  const ofListeners = listeners.map((listener, i) => ({
    bind: text(field(listener, "bind")),
    path: ["listeners", i, "bind"] as Path,
    owner: `listener ${quote(field(listener, "name"))}`,
  }));
  const ofAdmin = { path: ["admin", "bind"] as Path, owner: "the admin interface" };
  // Where the text has no admin interface, the fault belongs to the listener that took its default.
  const claims =
    admin === undefined
      ? [{ ...ofAdmin, bind: DEFAULT_ADMIN_BIND }, ...ofListeners]
      : [...ofListeners, { ...ofAdmin, bind: text(field(admin, "bind")) }];
  return claims.flatMap(({ bind, path }, index): Complaint[] => {
    const rival = claims
      .slice(0, index)
      .find(
        (earlier) => earlier.bind !== undefined && bind !== undefined && bindsCollide(earlier.bind, bind),
      );
    if (rival === undefined) return [];
    const message = `${quote(bind)} is already taken by ${rival.owner}, each needs an address and port of its own`;
    return [{ path, about: "value", message }];
  });
}

const mapping = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
const field = (value: unknown, name: string): unknown => mapping(value)[name];
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
