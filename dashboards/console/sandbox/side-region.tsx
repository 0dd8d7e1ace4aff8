import { useSignal, type Signal } from "@preact/signals";
import type { SampledRequest } from "../../../lab/events/traffic-view.ts";
import type { SandboxSideView } from "../../../lab/sandbox/sandbox.ts";
import { PICK_REASONS, type PickReason } from "../../../lb/pick-reasons.ts";
import { percent } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import { SelectedWay } from "../traffic/selected-way.tsx";
import { duration } from "./duration.ts";
import { SideControls } from "./side-controls.tsx";
import { SidePicture } from "./side-picture.tsx";
import type { SandboxState } from "./sandbox-state.ts";

interface SideRegionProps {
  readonly state: SandboxState;
  readonly place: number;
  readonly name: string;
  readonly still: boolean;
  readonly chosen: Signal<number>;
}

/** One setting, with what it does to users and to its upstreams. */
export function SideRegion({ state, place, name, still, chosen }: SideRegionProps) {
  const scale = useSignal(1);
  const selected = useSignal<SampledRequest | undefined>(undefined);
  const { sides, world } = state.setting.value;
  const own = sides[place];
  const view = state.frame.value?.sides[place];
  const traffic = state.traffics[place];
  if (!own || !traffic) return null;
  const legend = still
    ? "last 5 s · motion is paused"
    : `last 5 s · 1 dot = ${scale.value} ${scale.value === 1 ? "request" : "requests"} · ◆ failed`;
  return (
    <Region name={name} about={legend}>
      <div class="inside">
        <SideControls
          name={name}
          side={own}
          other={sides[1 - place]}
          set={(change) => state.changeSide(place, change)}
        />
        {view ? (
          <>
            <Figures view={view} />
            <SidePicture
              name={name}
              side={view}
              slots={world.slots}
              traffic={traffic}
              still={still}
              scale={scale}
              chosen={chosen}
              select={(sample) => void (selected.value = sample)}
            />
            <Reasons view={view} />
          </>
        ) : (
          <p class="soft">It begins.</p>
        )}
        {selected.value && <SelectedWay sample={selected.value} pools={undefined} />}
      </div>
    </Region>
  );
}

const Figures = ({ view: { figures, queued, upstreams } }: { readonly view: SandboxSideView }) => {
  const waiting = upstreams.reduce((sum, one) => sum + one.waiting, queued);
  return (
    <dl class="side-figures">
      <Figure name="p50" value={duration(figures.p50Ms)} />
      <Figure name="p95" value={duration(figures.p95Ms)} />
      <Figure name="p99" value={duration(figures.p99Ms)} />
      <Figure name="failed" value={percent(figures.failedRatio)} hurts={figures.failedRatio > 0} />
      <Figure name="waiting" value={String(waiting)} />
      <Figure name="attempts" value={figures.attemptsPerRequest.toFixed(2)} />
    </dl>
  );
};

const Figure = ({
  name,
  value,
  hurts,
}: {
  readonly name: string;
  readonly value: string;
  readonly hurts?: boolean;
}) => (
  <div>
    <dt>{name}</dt>
    <dd class={hurts === true ? "bad" : undefined}>
      {hurts === true && "◆ "}
      {value}
    </dd>
  </div>
);

/** Why upstreams were picked, as the balancer's log says it. */
const Reasons = ({ view: { reasons } }: { readonly view: SandboxSideView }) => (
  <p class="soft reasons">
    {reasons.length === 0
      ? "Nobody was picked yet."
      : `Picked because: ${reasons
          .slice(0, 3)
          .map(([reason, part]) => `${clause(reason)} (${Math.round(part * 100)} %)`)
          .join("; ")}.`}
  </p>
);

const clause = (reason: PickReason): string => PICK_REASONS[reason];
