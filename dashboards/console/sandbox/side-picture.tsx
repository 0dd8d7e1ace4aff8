import { useComputed, useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { SampledRequest, TrafficView } from "../../../lab/events/traffic-view.ts";
import { POOL } from "../../../lab/sandbox/balancer-config.ts";
import type { SandboxSideView } from "../../../lab/sandbox/sandbox.ts";
import { DotCanvas } from "../traffic/dot-canvas.tsx";
import { pathOf, poolPath } from "../traffic/journey.ts";
import { pathsOf, type Path, type Point } from "../traffic/paths.ts";
import { Skyline } from "./skyline.tsx";
import { UpstreamTable } from "./upstream-table.tsx";

interface SidePictureProps {
  readonly name: string;
  readonly side: SandboxSideView;
  readonly slots: number;
  readonly traffic: ReadonlySignal<TrafficView | undefined>;
  readonly still: boolean;
  readonly scale: Signal<number>;
  readonly chosen: Signal<number>;
  readonly select: (sample: SampledRequest) => void;
}

/** As many rows as fit; of more, a skyline is drawn. */
const MOST_ROWS = 8;
/** Left of rows that lie below the balancer. */
const MARGIN = 40;
const NO_PATHS: ReadonlyMap<string, Path> = new Map();

/** The balancer, its upstreams, and the requests on their way between them. */
export function SidePicture({ name, side, slots, traffic, still, scale, chosen, select }: SidePictureProps) {
  const picture = useRef<HTMLDivElement>(null);
  const paths = useSignal(NO_PATHS);
  const { upstreams, queued, panic } = side;
  const lay = (): void => {
    if (picture.current) paths.value = measured(picture.current);
  };
  useLayoutEffect(lay, [upstreams.length]);
  useEffect(() => {
    if (!picture.current) return;
    const observer = new ResizeObserver(lay);
    observer.observe(picture.current);
    return () => observer.disconnect();
  }, []);
  const lines = useComputed(() => [
    ...new Set([...paths.value].flatMap(([way, { d }]) => (way === poolPath(POOL) ? [] : d))),
  ]);
  return (
    <div class={upstreams.length > MOST_ROWS ? "side-picture tall" : "side-picture"} ref={picture}>
      <svg class="edges" aria-hidden="true">
        {lines.value.map((d) => (
          <path key={d} class="edge" d={d} />
        ))}
      </svg>
      <div class="node" data-box="listener" data-way={poolPath(POOL)}>
        <b>balancer</b>
        <small class={queued > 0 ? "bad" : undefined}>{queued} wait here</small>
        {panic && <small class="bad">panic mode</small>}
      </div>
      {upstreams.length > MOST_ROWS ? (
        <Skyline upstreams={upstreams} slots={slots} chosen={chosen} />
      ) : (
        <UpstreamTable name={name} upstreams={upstreams} slots={slots} chosen={chosen} />
      )}
      {!still && <DotCanvas traffic={traffic} paths={paths} scale={scale} select={select} />}
    </div>
  );
}

/** The ways from the balancer to where each upstream is drawn: the left of its row, or the top of its column. */
function measured(picture: HTMLElement): ReadonlyMap<string, Path> {
  const origin = picture.getBoundingClientRect();
  const listener = picture.querySelector("[data-box=listener]")?.getBoundingClientRect();
  if (!listener) return NO_PATHS;
  const rows = picture.querySelector("table")?.getBoundingClientRect();
  const isAbove = rows !== undefined && listener.bottom <= rows.top;
  const box = {
    x: listener.left - origin.left + (isAbove ? MARGIN / 3 : 0),
    y: listener.top - origin.top,
    // From above, dots go down in the margin that rows leave.
    width: isAbove ? MARGIN : listener.width,
    height: listener.height,
  };
  const lanes = [...picture.querySelectorAll<HTMLElement>("[data-upstream]")].map((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const isColumn = element.dataset["column"] !== undefined;
    const entry: Point = isColumn
      ? { x: left - origin.left + width / 2, y: top - origin.top }
      : { x: left - origin.left - 2, y: top - origin.top + height / 2 };
    return { upstream: element.dataset["upstream"] ?? "", ...entry };
  });
  const queue = { x: box.x + box.width, y: box.y + box.height };
  // Requests that reach no upstream come back from the balancer itself.
  const all = pathsOf({ users: box, listener: box, pools: [{ pool: POOL, queue, lanes, rest: undefined }] });
  return new Map([...all].filter(([way]) => way.startsWith(pathOf(POOL, ""))));
}
