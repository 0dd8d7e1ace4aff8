import type { PoolView } from "../../../lab/trainee/views.ts";
import { percent, perSecond } from "../parts/figures.ts";
import { Places, Queue, Share } from "./gauges.tsx";
import { pathOf, poolPath } from "./journey.ts";
import type { Folded, Lane, Rest } from "./lanes.ts";

interface PoolTableProps {
  readonly pool: PoolView;
  readonly folded: Folded;
  readonly p95Of: (upstream: string) => number | undefined;
}

/** A pool: its queue at the head, and one lane an upstream. */
export const PoolTable = ({ pool, folded: { shown, rest }, p95Of }: PoolTableProps) => (
  <table class="pool">
    <caption>
      <span class="pool-head" data-way={poolPath(pool.pool)}>
        <b>pool {pool.pool}</b>
        <span class="soft">{pool.policy}</span>
        <Queue length={pool.queueLength} limit={pool.queueLimit} />
      </span>
    </caption>
    <thead>
      <tr>
        <th scope="col">upstream</th>
        <th scope="col">▸ working</th>
        <th scope="col">share of requests</th>
        <th scope="col" class="r" title="of the sampled requests of the last 10 s, where there are enough">
          p95
        </th>
        <th scope="col" class="r">
          failed /s
        </th>
      </tr>
    </thead>
    <tbody>
      {shown.map((lane) => (
        <LaneRow key={lane.upstream} pool={pool.pool} lane={lane} p95={p95Of(lane.upstream)} />
      ))}
      {rest && <RestRow pool={pool.pool} rest={rest} />}
    </tbody>
  </table>
);

function LaneRow({
  pool,
  lane,
  p95,
}: {
  readonly pool: string;
  readonly lane: Lane;
  readonly p95?: number | undefined;
}) {
  const { upstream, address, state, check, weight, weights, share, full, inFlight, limit, restarts } = lane;
  const failing = (lane.failuresPerSecond ?? 0) > 0;
  return (
    <tr data-way={pathOf(pool, upstream)}>
      <th scope="row">
        <b title={address}>{upstream}</b>
        <small>
          <span class={stateClass(state)}>
            {stateMark(state)} {state}
          </span>
          {check !== undefined && check !== state && ` ${check.replace(`${state} `, "")}`}
          {restarts > 0 && `, ${restarts} ${restarts === 1 ? "restart" : "restarts"}`}
        </small>
      </th>
      <td>
        <Places taken={inFlight} limit={limit} />
        <small class={full ? "bad" : undefined}>
          {inFlight}
          {limit > 0 && ` of ${limit}`}
          {full && ", full"}
        </small>
      </td>
      <td>
        <span class="line">
          <Share taken={share} configured={lane.configured} equal={lane.equal} />
          {share === null ? "–" : percent(share)}
        </span>
        <small>
          weight {weight} of {weights}
        </small>
      </td>
      <td class="r">{p95 === undefined ? "–" : `${p95 < 10 ? p95.toFixed(1) : p95.toFixed(0)} ms`}</td>
      <td class={failing ? "r bad" : "r"}>
        {failing && "◆ "}
        {perSecond(lane.failuresPerSecond)}
        <small>of {perSecond(lane.requestsPerSecond)}</small>
      </td>
    </tr>
  );
}

const RestRow = ({ pool, rest }: { readonly pool: string; readonly rest: Rest }) => {
  const { count, names, state, share, inFlight, requestsPerSecond, failuresPerSecond } = rest;
  return (
    <tr data-rest={pool}>
      <th scope="row" title={names.join(", ")}>
        and {count} like these
        <small>{state}</small>
      </th>
      <td>
        <small>
          {inFlight[0]} to {inFlight[1]} each
        </small>
      </td>
      <td>
        <small>{share === null ? "–" : `${percent(share[0])} to ${percent(share[1])} each`}</small>
      </td>
      <td class="r">–</td>
      <td class={failuresPerSecond > 0 ? "r bad" : "r"}>
        {failuresPerSecond > 0 && "◆ "}
        {perSecond(failuresPerSecond)}
        <small>of {perSecond(requestsPerSecond)}</small>
      </td>
    </tr>
  );
};

/** A state is no cause: only who is out of service is set apart, by shape as well as by colour. */
const stateClass = (state: string): string => (state === "UP" || state === "no check" ? "ok" : "");
const stateMark = (state: string): string => (state === "UP" || state === "no check" ? "●" : "○");
