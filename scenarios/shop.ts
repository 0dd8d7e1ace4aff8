import type { Action } from "./action.ts";
import type { BackendSpec, ConfigInput, Fix, Topology, Workload } from "./scenario.ts";
import { writeYaml } from "../runtime/yaml/write.ts";

/** The shop that all five incidents happen to: web backends behind the balancer, a database behind them. */

const DATABASE_PORT = 9116;
export const LISTENER = "127.0.0.1:8080";

/** Address of the n-th backend of a role, by its place in the port plan. */
const webAddress = (n: number): string => `127.0.0.1:${9100 + n}`;
export const authAddress = (n: number): string => `127.0.0.1:${9110 + n}`;

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(":") + 1));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

export function webBackends(
  count: number,
  capacity: BackendSpec["capacity"],
  more: Partial<BackendSpec> = {},
): BackendSpec[] {
  return upTo(count).map((n) => ({
    name: `web-${n}`,
    role: "web",
    port: portOf(webAddress(n)),
    version: "4.2.0",
    capacity,
    ...more,
    calls: { database: `http://127.0.0.1:${DATABASE_PORT}`, ...more.calls },
  }));
}

export function authBackends(
  count: number,
  capacity: BackendSpec["capacity"],
  sessionSeconds: number,
): BackendSpec[] {
  return upTo(count).map((n) => ({
    name: `auth-${n}`,
    role: "auth",
    port: portOf(authAddress(n)),
    version: "1.9.3",
    capacity,
    sessionSeconds,
  }));
}

/** Plenty of slots and a few milliseconds a query: never the cause of an incident. */
export const database: BackendSpec = {
  name: "database",
  role: "database",
  port: DATABASE_PORT,
  version: "15.4",
  capacity: { slots: 32, serviceMs: 4, queueLimit: 256 },
};

/** The night job, which does make the database a little slower. */
export const SLOWER_DATABASE = { "capacity.serviceMs": "7" } as const;

export type Upstreams = ConfigInput["pools"][string]["upstreams"];

/** Upstreams with these weights, in order; `undefined` leaves the weight out. They are web-1.. unless others are named. */
export function webUpstreams(
  weights: readonly (number | undefined)[],
  servers: readonly number[] = upTo(weights.length),
): Upstreams {
  return weights.map((weight, i) => {
    const n = servers[i] ?? i + 1;
    return { name: `web-${n}`, address: webAddress(n), ...(weight === undefined ? {} : { weight }) };
  });
}

export const HEALTH = { path: "/healthz", intervalMs: 2000, timeoutMs: 1000, fall: 3, rise: 2 } as const;

/** A configuration with one listener, everything but these pools and routes as the shop runs it. */
export function shopConfig(
  pools: ConfigInput["pools"],
  routes: ConfigInput["listeners"][number]["routes"] = [{ path: "/", pool: "web" }],
): ConfigInput {
  return {
    listeners: [{ name: "public", bind: LISTENER, routes }],
    pools,
    accessLog: { path: "access.log", format: "json" },
    admin: { bind: "127.0.0.1:8404" },
  };
}

type Web = ConfigInput["pools"][string];

/** The shop with one pool of web backends under these weights, in turns and with health checks unless `more` differs. */
export const webConfig = (weights: readonly (number | undefined)[], more: Partial<Web> = {}): ConfigInput =>
  shopConfig({
    web: { policy: { type: "round-robin" }, health: HEALTH, upstreams: webUpstreams(weights), ...more },
  });

/** So many upstreams without a weight. */
export const unweighted = (count: number): undefined[] => Array.from({ length: count }, () => undefined);

/** A configuration as its file's text. */
export function configText(config: ConfigInput): string {
  return writeYaml(config);
}

export const apply = (config: ConfigInput): Action => ({ do: "config apply", yaml: configText(config) });
export const restart = (...units: readonly string[]): Action[] =>
  units.map((unit) => ({ do: "unit restart", unit }));

/** Names of a topology's backends of one role. */
export const unitsOf = (topology: Topology, role: BackendSpec["role"]): string[] =>
  topology.backends.filter((backend) => backend.role === role).map((backend) => backend.name);

export const rollBack: Fix = {
  name: "roll back the configuration",
  steps: [{ do: "config rollback", version: 1 }],
};

/** Actions that a restart of the balancer undoes. */
export const weighAtRunTime = (
  weights: readonly number[],
  servers: readonly number[] = upTo(weights.length),
): Fix => ({
  name: "set even weights at run time",
  steps: weights.map((weight, i) => ({
    do: "upstream weight",
    upstream: `web-${servers[i] ?? i + 1}`,
    weight,
  })),
});

/** Units that were taken out of service are started, and start at every boot again. */
export const backInService = (...units: readonly string[]): Action[] =>
  units.flatMap((unit) => [
    { do: "unit enable", unit },
    { do: "unit start", unit },
  ]);

export const PAGES = ["/", "/products", "/products/42", "/search?q=lamp", "/basket"] as const;

/** 500 users with fixed names, each seen twice in every 10 s: 100 requests a second; with the load 200. */
export const browsing: Workload = {
  loadRequestsPerSecond: 100,
  users: { count: 500, prefix: "guest-", visitEveryMs: 5000, timeoutMs: 8000 },
  pages: PAGES,
};

/** Most pages are ready in a web server's memory; one in ten needs the database. */
export const CACHE = { pages: 900 } as const;

/** The same users at half the rate: 100 requests a second in all, for as long as the reports' outages lasted. */
export const browsingForHours: Workload = {
  ...browsing,
  loadRequestsPerSecond: 20,
  users: { ...browsing.users, visitEveryMs: 6250 },
  catalogue: { prefix: "/products/", count: 1000 },
};
