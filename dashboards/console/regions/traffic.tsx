import type { ConsoleState } from "../console-state.ts";
import { percent, perSecond } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import type { PoolView, StatusView, UpstreamView } from "../../../lab/trainee/views.ts";

/** Users, listener, pools and one lane an upstream: where requests go, and what becomes of them. */
export function Traffic({ state }: { readonly state: ConsoleState }) {
  const status = state.status.value;
  return (
    <Region name="Traffic" about="last 10 s" command="status">
      {status === undefined ? (
        <p class="soft inside">The lab is coming up.</p>
      ) : (
        <div class="inside">
          <UsersLine status={status} />
          {status.pools === undefined ? (
            <p class="bad">The balancer does not answer.</p>
          ) : (
            status.pools.map((pool) => <Pool key={pool.pool} pool={pool} status={status} />)
          )}
        </div>
      )}
    </Region>
  );
}

const UsersLine = ({ status: { users, listener } }: { readonly status: StatusView }) => (
  <p class="flow">
    <b>Users</b> <span class="big">{users.requestsPerSecond.toFixed(0)} /s</span>{" "}
    {users.failedRatio > 0 && <span class="bad">◆ {percent(users.failedRatio)} fail</span>}
    <span class="soft"> → listener </span>
    <code>{listener}</code>
  </p>
);

const Pool = ({ pool, status }: { readonly pool: PoolView; readonly status: StatusView }) => {
  const weights = pool.upstreams.reduce((sum, { weight }) => sum + weight, 0);
  const rates = pool.upstreams.reduce((sum, { requestsPerSecond }) => sum + (requestsPerSecond ?? 0), 0);
  return (
    <table>
      <caption>
        pool <b>{pool.pool}</b>{" "}
        <span class="soft">
          {pool.policy} · queue {pool.queueLength} of {pool.queueLimit}
        </span>
      </caption>
      <thead>
        <tr>
          <th scope="col">upstream</th>
          <th scope="col">state</th>
          <th scope="col">in flight</th>
          <th scope="col">share of requests, configured ┃</th>
          <th scope="col" class="r">
            requests/s
          </th>
          <th scope="col" class="r">
            failed/s
          </th>
          <th scope="col" class="r">
            restarts
          </th>
        </tr>
      </thead>
      <tbody>
        {pool.upstreams.map((upstream) => (
          <Lane
            key={upstream.upstream}
            upstream={upstream}
            share={rates === 0 ? 0 : (upstream.requestsPerSecond ?? 0) / rates}
            configured={weights === 0 ? 0 : upstream.weight / weights}
            restarts={status.backends.find(({ backend }) => backend === upstream.upstream)?.restarts ?? 0}
          />
        ))}
      </tbody>
    </table>
  );
};

interface LaneProps {
  readonly upstream: UpstreamView;
  readonly share: number;
  readonly configured: number;
  readonly restarts: number;
}

const Lane = ({ upstream, share, configured, restarts }: LaneProps) => {
  const full = upstream.maxConnections > 0 && upstream.inFlight >= upstream.maxConnections;
  const failing = (upstream.failuresPerSecond ?? 0) > 0;
  return (
    <tr>
      <th scope="row">
        <b>{upstream.upstream}</b> <code class="soft">{upstream.address}</code>
      </th>
      <td class={upstream.state === "UP" ? "ok" : "bad"}>
        ● {upstream.state} <span class="soft">{upstream.status}</span>
      </td>
      <td class={full ? "bad" : undefined}>
        {upstream.inFlight}
        {upstream.maxConnections > 0 && ` of ${upstream.maxConnections}`}
      </td>
      <td>
        <svg class="share" viewBox="0 0 100 12" width="100" height="12" aria-hidden="true">
          <rect class="well" width="100" height="12" rx="2" />
          <rect class="taken" width={share * 100} height="12" rx="2" />
          <path class="mark" d={`M${configured * 100} 0V12`} />
        </svg>{" "}
        {percent(share)} <span class="soft">weight {upstream.weight}</span>
      </td>
      <td class="r">{perSecond(upstream.requestsPerSecond)}</td>
      <td class={failing ? "r bad" : "r"}>
        {failing && "◆ "}
        {perSecond(upstream.failuresPerSecond)}
      </td>
      <td class="r">{restarts}</td>
    </tr>
  );
};
