import { sleep, type Clock } from "../../runtime/clock.ts";
import type { StatusView } from "../trainee/views.ts";
import type { PortView } from "../world/host.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { PoolStatus } from "../world/world.ts";
import type { Answer } from "../world/answer.ts";
import type { Trainee } from "../trainee/trainee.ts";
import { readPlain } from "../../runtime/yaml/read-plain.ts";

/** A balancer configuration as it is written: no defaults filled in, nothing validated. */
export interface ReadConfig {
  readonly version: number;
  readonly yaml: string;
  readonly pools: Readonly<Record<string, ReadPool>>;
}
export interface ReadPool {
  readonly health: boolean;
  readonly upstreams: readonly {
    readonly name: string;
    readonly weight: number;
    readonly maxConnections: number;
  }[];
}

/** What an upstream did between two looks. */
export interface UpstreamDelta {
  readonly pool: string;
  readonly upstream: string;
  readonly address: string;
  readonly state: string;
  readonly requests: number;
  readonly failures: number;
}

/** All that a responder looks at before it concludes anything. */
export interface Evidence {
  readonly answer: Answer;
  readonly status: StatusView;
  readonly ports: readonly PortView[];
  readonly changes: readonly ChangeEntry[];
  readonly balancerLog: readonly string[];
  /** Undefined when the balancer's statistics could not be read twice. */
  readonly deltas: readonly UpstreamDelta[] | undefined;
  readonly pools: readonly PoolStatus[];
  /** Newest first; the first is the active one. */
  readonly configs: readonly ReadConfig[];
}

const WATCH_MS = 20_000;

/** Looks twice, some seconds apart: a counter read once says nothing, and no act follows a first glance. */
export async function gather(trainee: Trainee, clock: Clock, signal: AbortSignal): Promise<Evidence> {
  const before = (await trainee.status()).pools;
  const answer = await trainee.visit({ path: "/" });
  const ports = await trainee.ports();
  const changes = await trainee.changes();
  const balancerLog = await trainee.logs({ unit: "balancer", lines: 40 });
  const history = await trainee.configHistory();
  const configs: ReadConfig[] = [];
  for (const { version } of [...history].sort((a, b) => b.version - a.version))
    configs.push(readConfig(version, (await trainee.config({ version })).yaml));
  await sleep(clock, WATCH_MS, signal);
  const status = await trainee.status();
  return {
    answer,
    status,
    ports,
    changes,
    balancerLog,
    configs,
    pools: status.pools ?? [],
    deltas: before && status.pools && deltasOf(before, status.pools),
  };
}

function deltasOf(before: readonly PoolStatus[], after: readonly PoolStatus[]): UpstreamDelta[] {
  const counted = new Map(
    before.flatMap(({ pool, upstreams }) =>
      upstreams.map((upstream) => [`${pool}/${upstream.upstream}`, upstream] as const),
    ),
  );
  return after.flatMap(({ pool, upstreams }) =>
    upstreams.map((now) => {
      const then = counted.get(`${pool}/${now.upstream}`);
      // Counters that went back were started afresh in between.
      const since = (count: "requests" | "failures") =>
        then && then[count] <= now[count] ? now[count] - then[count] : now[count];
      return {
        pool,
        upstream: now.upstream,
        address: now.address,
        state: now.state,
        requests: since("requests"),
        failures: since("failures"),
      };
    }),
  );
}

function readConfig(version: number, yaml: string): ReadConfig {
  const read = readPlain(yaml) as {
    readonly pools?: Record<
      string,
      { health?: unknown; upstreams?: { name: string; weight?: number; maxConnections?: number }[] }
    >;
  };
  return {
    version,
    yaml,
    pools: Object.fromEntries(
      Object.entries(read.pools ?? {}).map(([name, { health, upstreams }]) => [
        name,
        {
          health: health !== undefined,
          upstreams: (upstreams ?? []).map((one) => ({
            name: one.name,
            weight: one.weight ?? 1,
            maxConnections: one.maxConnections ?? 64,
          })),
        },
      ]),
    ),
  };
}
