import { useComputed, useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { SampledRequest, TrafficView } from "../../../lab/events/traffic-view.ts";
import type { StatusView } from "../../../lab/trainee/views.ts";
import { milliseconds, percent } from "../parts/figures.ts";
import { DotCanvas } from "./dot-canvas.tsx";
import { pathOf } from "./journey.ts";
import { foldLanes, lanesOf } from "./lanes.ts";
import { measured, type DrawnPool } from "./measure.ts";
import { pathsOf, type Path } from "./paths.ts";
import { PoolTable } from "./pool-table.tsx";

interface FlowMapProps {
  readonly status: StatusView;
  readonly traffic: ReadonlySignal<TrafficView | undefined>;
  readonly still: boolean;
  readonly scale: Signal<number>;
  readonly p95Of: (pool: string, upstream: string) => number | undefined;
  readonly select: (sample: SampledRequest) => void;
}

const NO_PATHS: ReadonlyMap<string, Path> = new Map();

/** Users, listener, pools with their lanes, and what stands behind them. */
export function FlowMap({ status, traffic, still, scale, p95Of, select }: FlowMapProps) {
  const picture = useRef<HTMLDivElement>(null);
  const paths = useSignal(NO_PATHS);
  const pools = (status.pools ?? []).map((pool) => ({
    view: pool,
    pool: pool.pool,
    folded: foldLanes(lanesOf(pool, status.backends)),
  }));
  const latest = useRef<readonly DrawnPool[]>(pools);
  latest.current = pools;
  const structure = pools
    .map(({ pool, folded }) => `${pool}: ${folded.shown.map(({ upstream }) => upstream).join()}`)
    .join(";");
  const lay = (): void => {
    const places = picture.current && measured(picture.current, latest.current);
    paths.value = places ? pathsOf(places) : NO_PATHS;
  };
  useLayoutEffect(lay, [structure]);
  useEffect(() => {
    if (!picture.current) return;
    const observer = new ResizeObserver(lay);
    observer.observe(picture.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div class="picture-frame">
      <div class="picture" ref={picture}>
        <Edges paths={paths} shares={sharesOf(pools)} />
        <div class="sources">
          <UsersBox status={status} />
          <div class="node" data-box="listener">
            <b>listener</b>
            <code>{status.listener}</code>
            <small>
              {status.pools === undefined ? (
                <span class="bad">The balancer does not answer.</span>
              ) : (
                `→ ${pools.map(({ pool }) => `pool ${pool}`).join(", ")}`
              )}
            </small>
          </div>
          <Behind status={status} />
        </div>
        <div class="pools">
          {pools.map(({ view, pool, folded }) => (
            <PoolTable key={pool} pool={view} folded={folded} p95Of={(upstream) => p95Of(pool, upstream)} />
          ))}
          {pools.length > 0 && <p class="soft key">┃ configured share ┆ an equal one</p>}
        </div>
        {!still && <DotCanvas traffic={traffic} paths={paths} scale={scale} select={select} />}
      </div>
    </div>
  );
}

const sharesOf = (pools: readonly DrawnPool[]): ReadonlyMap<string, number> =>
  new Map(
    pools.flatMap(({ pool, folded: { shown } }) =>
      shown.map(({ upstream, share }): [string, number] => [pathOf(pool, upstream), share ?? 0]),
    ),
  );

/** Ways as lines, as broad as their share. */
function Edges({
  paths,
  shares,
}: {
  readonly paths: ReadonlySignal<ReadonlyMap<string, Path>>;
  readonly shares: ReadonlyMap<string, number>;
}) {
  // Those that share a lane share a line.
  const lines = useComputed(() => new Map([...paths.value].map(([way, { d }]) => [d, way])));
  return (
    <svg class="edges" aria-hidden="true">
      {[...lines.value].map(([d, way]) => (
        <path key={way} class="edge" d={d} stroke-width={(1 + (shares.get(way) ?? 0) * 8).toFixed(1)} />
      ))}
    </svg>
  );
}

const UsersBox = ({ status: { users } }: { readonly status: StatusView }) => (
  <div class="node plain" data-box="users">
    <b>Users</b>
    <span class="big">{users.requestsPerSecond.toFixed(0)} /s</span>
    <span class={users.failedRatio > 0 ? "bad" : "soft"}>
      {users.failedRatio > 0 ? "◆ " : ""}
      {percent(users.failedRatio)} fail
    </span>
    {Object.entries(users.routes).map(([route, { p95Ms, failedRatio }]) => (
      <small key={route}>
        {route} p95 {milliseconds(p95Ms)}
        {failedRatio > 0 && <span class="bad"> ◆ {percent(failedRatio)}</span>}
      </small>
    ))}
  </div>
);

/** Backends of no pool: what the others ask. */
function Behind({ status: { pools, backends } }: { readonly status: StatusView }) {
  const members = new Set(pools?.flatMap(({ upstreams }) => upstreams.map(({ upstream }) => upstream)));
  const others = backends.filter(({ backend }) => !members.has(backend));
  if (pools === undefined || others.length === 0) return null;
  return (
    <div class="node behind">
      <small>in no pool</small>
      {others.map(({ backend, state, restarts }) => (
        <span key={backend}>
          <b>{backend}</b>{" "}
          <small>
            {state}
            {restarts > 0 && `, ${restarts} ${restarts === 1 ? "restart" : "restarts"}`}
          </small>
        </span>
      ))}
    </div>
  );
}
