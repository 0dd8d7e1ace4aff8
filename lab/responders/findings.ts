import type { Action } from "../../scenarios/action.ts";
import { backTo } from "./correction.ts";
import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { Evidence, ReadConfig, ReadPool, UpstreamDelta } from "./evidence.ts";

/** A cause that the evidence supports, why, and how to repair it. */
export interface Finding {
  readonly diagnosis: Diagnosis;
  readonly because: readonly string[];
  readonly repair: readonly Action[];
}

/** One way in which a balancer can be the cause; undefined when the evidence does not support it. */
type Hypothesis = (evidence: Evidence) => Finding | undefined;

/** In the order in which they exclude one another: a balancer that does not run has no statistics to read. */
const HYPOTHESES: readonly Hypothesis[] = [portTaken, poolThrottled, staleUpstreams, trafficSkewed];

export function conclude(evidence: Evidence): Finding | undefined {
  for (const hypothesis of HYPOTHESES) {
    const finding = hypothesis(evidence);
    if (finding) return finding;
  }
  return undefined;
}

function portTaken({ status, balancerLog, ports, changes, answer }: Evidence): Finding | undefined {
  const balancer = status.units.find(({ name }) => name === "balancer");
  if (!balancer || balancer.state === "active") return undefined;
  if (!balancerLog.some((line) => line.includes("EADDRINUSE"))) return undefined;
  const port = Number(status.listener.slice(status.listener.lastIndexOf(":") + 1));
  const holder = ports.find((one) => one.port === port && one.unit !== undefined && one.unit !== "balancer");
  const unit = holder?.unit;
  if (unit === undefined) return undefined;
  const owner = status.units.find(({ name }) => name === unit)?.owner;
  const install = changes.findLast(({ kind, subjects }) => kind === "package" && subjects.includes(unit));
  return {
    diagnosis: { component: "balancer", mechanism: "port-taken", scope: "everyone" },
    because: [
      `the answer on the public port is ${answer.status ?? answer.error} by "${answer.server ?? "nobody"}", not by the balancer`,
      `the balancer's unit is ${balancer.state}; its log says EADDRINUSE`,
      `port ${port} is held by the unit ${unit}`,
      ...(install ? [`change ${install.id}: ${install.summary} (${install.detail})`] : []),
    ],
    repair: [
      ...(owner === undefined
        ? ([
            { do: "unit disable", unit },
            { do: "unit stop", unit },
          ] as const)
        : ([{ do: "package uninstall", package: owner }] as const)),
      { do: "unit restart", unit: "balancer" },
    ],
  };
}

function poolThrottled({ pools, status, configs }: Evidence): Finding | undefined {
  const full = pools.find(({ queueLength, queueLimit }) => queueLimit > 0 && queueLength >= 0.8 * queueLimit);
  if (!full) return undefined;
  const shed = Object.entries(status.users.failures).filter(([, answers]) => (answers["503 UO"] ?? 0) > 0);
  if (shed.length === 0) return undefined;
  const room = (pool: ReadPool | undefined): number =>
    pool?.upstreams.reduce((sum, { maxConnections }) => sum + maxConnections, 0) ?? 0;
  const now = room(configs[0]?.pools[full.pool]);
  const roomier = configs.find(({ pools: then }) => room(then[full.pool]) > now);
  if (!roomier) return undefined;
  return {
    diagnosis: {
      component: full.pool,
      mechanism: "pool-throttled",
      scope: shed.length === 1 ? "one-route" : "everyone",
    },
    because: [
      `route ${shed.map(([route]) => route).join(", ")}: 503 with flag UO, made by the balancer: no backend ever saw these requests`,
      `the queue of pool ${full.pool} is full: ${full.queueLength} of ${full.queueLimit}`,
      `version ${roomier.version} let ${room(roomier.pools[full.pool])} requests at a time through to it, the active one lets ${now}`,
    ],
    repair: backTo(roomier, configs, full.pool, (_, then) => then),
  };
}

function staleUpstreams({ deltas, ports, configs }: Evidence): Finding | undefined {
  const listening = new Set(ports.map(({ port }) => port));
  const dead = (deltas ?? []).filter(
    ({ requests, failures, address }) =>
      requests >= 10 &&
      failures >= 0.9 * requests &&
      !listening.has(Number(address.slice(address.lastIndexOf(":") + 1))),
  );
  const [first] = dead;
  if (!first) return undefined;
  const names = dead.map(({ upstream }) => upstream);
  const lists = (config: ReadConfig): boolean =>
    config.pools[first.pool]?.upstreams.some(({ name }) => names.includes(name)) ?? false;
  const good = configs.find((config) => !lists(config));
  const active = configs[0]?.pools[first.pool];
  return {
    diagnosis: { component: first.pool, mechanism: "stale-upstreams", scope: "some-users" },
    because: [
      `${names.join(", ")}: every request fails, nothing listens at their addresses, and the balancer says ${first.state}`,
      active?.health === false
        ? `pool ${first.pool} has no health check, so everything in it counts as UP`
        : "",
      good ? `version ${good.version} does not list them` : "",
    ].filter((line) => line !== ""),
    repair: good
      ? backTo(good, configs, first.pool, (now) => now.filter(({ name }) => !names.includes(name)))
      : names.map((upstream) => ({ do: "upstream drain", upstream })),
  };
}

/** Chance does not explain more than this many times a fair share. */
const SKEWED = 1.8;

function trafficSkewed({ deltas, configs, status }: Evidence): Finding | undefined {
  const active = configs[0];
  for (const pool of new Set((deltas ?? []).map((delta) => delta.pool))) {
    const members = (deltas ?? []).filter((delta) => delta.pool === pool);
    const total = members.reduce((sum, { requests }) => sum + requests, 0);
    const busiest = members.reduce<UpstreamDelta | undefined>(
      (most, one) => (one.requests > (most?.requests ?? 0) ? one : most),
      undefined,
    );
    if (!busiest || total < 100 || busiest.requests * members.length < SKEWED * total) continue;
    const share = busiest.requests / total;
    const weights = active?.pools[pool]?.upstreams;
    const even = configs.find(({ pools }) => {
      const then = pools[pool]?.upstreams;
      return then !== undefined && new Set(then.map(({ weight }) => weight)).size === 1;
    });
    if (!weights || !even || even === active) continue;
    const backend = status.backends.find((one) => one.backend === busiest.upstream);
    return {
      diagnosis: {
        component: pool,
        mechanism: share > 0.95 ? "single-target" : "traffic-skewed",
        scope: "some-requests",
      },
      because: [
        `${busiest.upstream} gets ${Math.round(share * 100)} % of the requests of pool ${pool}, a fair share is ${Math.round(100 / members.length)} %`,
        backend && backend.restarts > 0
          ? `it has restarted ${backend.restarts} times`
          : "it runs, and refuses what it cannot hold",
        `the active weights are ${weights.map(({ weight }) => weight).join(":")}, version ${even.version} had them equal`,
      ],
      repair: backTo(even, configs, pool, (now) => now.map((upstream) => ({ ...upstream, weight: 1 }))),
    };
  }
  return undefined;
}
