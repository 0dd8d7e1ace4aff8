import type { Signal } from "@preact/signals";
import type { UpstreamOfSide } from "../../../lab/sandbox/side.ts";
import { percent } from "../parts/figures.ts";
import { condition } from "./upstream-table.tsx";

const HEIGHT = 120;
/** The scale goes up in these steps, so that columns can be compared from one moment to the next. */
const SCALES = [8, 16, 32, 64, 128, 600];

interface SkylineProps {
  readonly upstreams: readonly UpstreamOfSide[];
  readonly slots: number;
  readonly chosen: Signal<number>;
}

/** Many upstreams as columns, as high as what each has: what it works on, and above it what waits there. */
export function Skyline({ upstreams, slots, chosen }: SkylineProps) {
  const highest = Math.max(slots, ...upstreams.map(({ working, waiting }) => working + waiting));
  const scale = SCALES.find((one) => one >= highest) ?? highest;
  const waiting = upstreams.map((one) => one.waiting).sort((a, b) => b - a);
  const idle = upstreams.filter((one) => one.running && one.working === 0).length;
  const shares = upstreams.map(({ share }) => share ?? 0);
  const looked = upstreams[chosen.value];
  return (
    <div class="skyline">
      <div class="columns" style={{ height: `${HEIGHT}px` }} aria-hidden="true">
        {upstreams.map((one, place) => (
          <span
            key={one.name}
            data-upstream={one.name}
            data-column=""
            class={columnClass(one, chosen.value === place)}
            title={one.name}
            onClick={() => void (chosen.value = place)}
          >
            <i class="waits" style={{ height: `${(one.waiting / scale) * HEIGHT}px` }} />
            <i class="works" style={{ height: `${(one.working / scale) * HEIGHT}px` }} />
          </span>
        ))}
      </div>
      <p class="soft">
        One column an upstream, as high as the requests that it has: <span class="works">▮</span> worked on,{" "}
        <span class="waits">▮</span> waiting there.
      </p>
      <p>
        {upstreams.length} upstreams: {idle} idle, the longest lines {waiting.slice(0, 3).join(", ")}, shares{" "}
        {percent(Math.min(...shares))} to {percent(Math.max(...shares))}.
      </p>
      {looked && (
        <p class="soft">
          {looked.name}: {condition(looked)}, {looked.working} working, {looked.waiting} waiting, share{" "}
          {percent(looked.share ?? 0)}, weight {looked.weight}.
        </p>
      )}
    </div>
  );
}

const columnClass = ({ running }: UpstreamOfSide, isChosen: boolean): string =>
  ["column-of", ...(running ? [] : ["dead"]), ...(isChosen ? ["chosen"] : [])].join(" ");
