import { balancerConfig, type BalancerConfig } from "../../lb/config/schema.ts";
import type { ConfigPlan, Edit, OptionalSetting, PoolPlan, PoolSettings, UpstreamPlan } from "./plan.ts";

export const LISTENER = "public";
export const BALANCER_PORT = 8080;
const FIRST_BACKEND_PORT = 9101;

export const portOf = (backend: number): number => FIRST_BACKEND_PORT + backend;
export const addressOf = (backend: number): string => `127.0.0.1:${portOf(backend)}`;

/** What people have changed at run time, by upstream name, until the next configuration. */
export type Overrides = ReadonlyMap<string, Partial<Pick<UpstreamPlan, "weight" | "state">>>;

/** The configuration of a plan's pools, parsed as a file would be. Throws zod's error. */
export function configOf(plan: ConfigPlan, overrides: Overrides = new Map()): BalancerConfig {
  return balancerConfig.parse({
    listeners: [
      {
        name: LISTENER,
        bind: `127.0.0.1:${BALANCER_PORT}`,
        routes: Object.keys(plan).map((pool) => ({ path: `/${pool}`, pool })),
      },
    ],
    pools: Object.fromEntries(
      Object.entries(plan).map(([name, { settings, upstreams }]) => [
        name,
        {
          ...settings,
          upstreams: upstreams.map(({ name, backend, ...rest }) => ({
            name,
            address: addressOf(backend),
            ...rest,
            ...overrides.get(name),
          })),
        },
      ]),
    ),
    timeouts: { connectMs: 300, responseMs: 600, idleMs: 400 },
  });
}

/** The file after one edit. An edit that would leave no pool, an empty one, or a backend twice in one, changes nothing. */
export function edited(plan: ConfigPlan, edit: Edit): ConfigPlan {
  const pool = plan[edit.pool];
  if (edit.edit === "pool") return pool ? plan : { ...plan, [edit.pool]: edit.plan };
  if (!pool) return plan;
  if (edit.edit === "drop") {
    const { [edit.pool]: _, ...rest } = plan;
    return Object.keys(rest).length === 0 ? plan : rest;
  }
  const next = editedPool(pool, edit);
  const backends = new Set(next.upstreams.map(({ backend }) => backend));
  const names = new Set(next.upstreams.map(({ name }) => name));
  const count = next.upstreams.length;
  return count === 0 || backends.size < count || names.size < count ? plan : { ...plan, [edit.pool]: next };
}

function editedPool(pool: PoolPlan, edit: Exclude<Edit, { edit: "pool" | "drop" }>): PoolPlan {
  const { settings, upstreams } = pool;
  switch (edit.edit) {
    case "settings":
      return { settings: withoutThese({ ...settings, ...edit.settings }, edit.without), upstreams };
    case "upstream":
      return {
        settings,
        upstreams: upstreams.map((one) => (one.name === edit.name ? { ...one, ...edit.to } : one)),
      };
    case "add":
      return { settings, upstreams: [...upstreams, edit.upstream] };
    case "remove":
      return { settings, upstreams: upstreams.filter(({ name }) => name !== edit.name) };
    case "reverse":
      return { settings, upstreams: upstreams.toReversed() };
  }
}

export function withoutThese(settings: PoolSettings, gone: readonly OptionalSetting[]): PoolSettings {
  const rest = { ...settings };
  for (const name of gone) delete rest[name];
  return rest;
}
