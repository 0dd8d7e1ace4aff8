import { effect, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { SampledRequest } from "../../../lab/events/traffic-view.ts";
import type { ConsoleState } from "../console-state.ts";
import { useAtMost } from "../parts/at-most.ts";
import { Region } from "../parts/region.tsx";
import { FlowMap } from "../traffic/flow-map.tsx";
import { RequestTail } from "../traffic/request-tail.tsx";
import { createSampledP95 } from "../traffic/sampled-p95.ts";
import { SelectedWay } from "../traffic/selected-way.tsx";

/** Users, listener, pools and one lane an upstream: where requests go, and what becomes of them. */
export function Traffic({ state }: { readonly state: ConsoleState }) {
  const still = useSignal(matchMedia("(prefers-reduced-motion: reduce)").matches);
  const scale = useSignal(1);
  const selected = useSignal<SampledRequest | undefined>(undefined);
  const status = useAtMost(state.status, still.value ? 1000 : 500).value;
  const missed = useComputed(() => state.traffic.value?.missed === true);
  const p95 = useMemo(createSampledP95, []);
  useEffect(() => effect(() => p95.add(state.traffic.value?.samples ?? [])), []);
  const legend = still.value
    ? "last 10 s · motion is paused, figures once a second"
    : `last 10 s · 1 dot = ${scale.value} ${scale.value === 1 ? "request" : "requests"} · ◆ failed`;
  return (
    <Region
      name="Traffic"
      about={legend}
      command="status"
      controls={
        <button type="button" aria-pressed={still.value} onClick={() => void (still.value = !still.value)}>
          Pause motion
        </button>
      }
    >
      {status === undefined ? (
        <p class="soft inside">The lab is coming up.</p>
      ) : (
        <div class="inside">
          <FlowMap
            status={status}
            traffic={state.traffic}
            still={still.value}
            scale={scale}
            p95Of={(pool, upstream) => p95.of(pool, upstream, state.now.peek())}
            select={(sample) => void (selected.value = sample)}
          />
          {missed.value && (
            <p class="soft">
              Some lines of the access log could not be read: what is behind the listener is counted too low.
            </p>
          )}
          <RequestTail
            traffic={state.traffic}
            selected={selected.value}
            select={(sample) => void (selected.value = sample)}
          />
          {selected.value && <SelectedWay sample={selected.value} pools={status.pools} />}
        </div>
      )}
    </Region>
  );
}
