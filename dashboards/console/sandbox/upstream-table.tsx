import type { Signal } from "@preact/signals";
import type { UpstreamOfSide } from "../../../lab/sandbox/side.ts";
import { percent, perSecond } from "../parts/figures.ts";
import { Share } from "../traffic/gauges.tsx";
import { duration } from "./duration.ts";

interface UpstreamTableProps {
  readonly name: string;
  readonly upstreams: readonly UpstreamOfSide[];
  readonly slots: number;
  readonly chosen: Signal<number>;
}

/** One row an upstream: what it works on, who waits there, its share beside the configured one, how long it takes. */
export const UpstreamTable = ({ name, upstreams, slots, chosen }: UpstreamTableProps) => (
  <table class="upstreams">
    <caption class="hidden">Upstreams of {name}, last 5 s</caption>
    <thead>
      <tr>
        <th scope="col">upstream</th>
        <th scope="col">▮ working ▮ waiting</th>
        <th scope="col">share ┃ configured</th>
        <th scope="col" class="r">
          p95
        </th>
        <th scope="col" class="r">
          failed /s
        </th>
      </tr>
    </thead>
    <tbody>
      {upstreams.map((one, place) => (
        <tr key={one.name} data-upstream={one.name} class={chosen.value === place ? "sel" : undefined}>
          <th scope="row">
            <button
              type="button"
              class="plain"
              aria-pressed={chosen.value === place}
              onClick={() => void (chosen.value = place)}
            >
              {one.name}
            </button>
            <small class={one.running ? "soft" : "bad"}>{condition(one)}</small>
          </th>
          <td>
            <Line working={one.working} waiting={one.waiting} slots={one.running ? slots : 0} />
          </td>
          <td>
            <span class="line">
              <Share
                taken={one.share ?? null}
                configured={one.configuredShare}
                equal={1 / upstreams.length}
              />
              {one.share === undefined ? "–" : percent(one.share)}
            </span>
            <small>{weightText(one)}</small>
          </td>
          <td class="r">{duration(one.p95Ms)}</td>
          <td class={one.failuresPerSecond > 0 ? "r bad" : "r"}>
            {one.failuresPerSecond > 0 && "◆ "}
            {perSecond(one.failuresPerSecond)}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** What it is, and what the balancer takes it for: the two may differ for a while. */
export function condition({ running, state }: Pick<UpstreamOfSide, "running" | "state">): string {
  if (running) return state === "UP" ? "● UP" : `● runs, taken for ${state}`;
  return state === "UP" ? "✕ dead, taken for UP" : `✕ dead, ${state}`;
}

function weightText({ weight, effectiveWeight, state }: UpstreamOfSide): string {
  const isGrowing = state === "UP" && effectiveWeight < weight;
  return isGrowing ? `weight ${effectiveWeight.toFixed(2)} of ${weight}, slow start` : `weight ${weight}`;
}

const MOST_MARKS = 16;
const MARK = 6;

/** A mark for each slot and, behind them, for each that waits, as far as there is room; and their numbers. */
function Line({
  working,
  waiting,
  slots,
}: {
  readonly working: number;
  readonly waiting: number;
  readonly slots: number;
}) {
  const places = Math.min(slots, MOST_MARKS / 2);
  const taken = slots <= places ? working : Math.ceil((working / slots) * places);
  const behind = Math.min(waiting, MOST_MARKS - places);
  return (
    <>
      <svg
        class="gauge"
        viewBox={`0 0 ${MOST_MARKS * MARK} 12`}
        width={MOST_MARKS * MARK}
        height="12"
        aria-hidden="true"
      >
        {Array.from({ length: places + behind }, (_, i) => (
          <rect
            key={i}
            class={i >= places ? "waits" : i < taken ? "taken" : "well"}
            x={i * MARK + 0.5}
            y="0.5"
            width={MARK - 1.5}
            height="11"
          />
        ))}
      </svg>
      <small>
        {working} of {slots}
        {waiting > 0 && `, ${waiting} wait`}
      </small>
    </>
  );
}
