import type { Signal } from "@preact/signals";
import { MOST_UPSTREAMS, upstreamName, weightOf, type WorldSetting } from "../../../lab/sandbox/setting.ts";
import { NumberField } from "./number-field.tsx";
import type { SandboxState } from "./sandbox-state.ts";

const SIDES = ["A", "B"] as const;

interface WorldControlsProps {
  readonly state: SandboxState;
  /** The place of the upstream that is looked at. */
  readonly chosen: Signal<number>;
}

/** What both sides have in common: load, upstreams, and what is done to one of them. */
export function WorldControls({ state, chosen }: WorldControlsProps) {
  const { world } = state.setting.value;
  const set = (change: Partial<WorldSetting>): void => state.changeWorld(change);
  const [first] = world.backends;
  const grow = (count: number): void =>
    set({
      backends: Array.from(
        { length: count },
        (_, i) => world.backends[i] ?? { serviceMs: first?.serviceMs ?? 40, running: true },
      ),
    });
  return (
    <div class="line" role="group" aria-label="The same for both">
      <Load state={state} />
      <NumberField label="upstreams" value={world.backends.length} min={1} max={MOST_UPSTREAMS} set={grow} />
      <NumberField label="slots each" value={world.slots} min={1} max={64} set={(slots) => set({ slots })} />
      <NumberField
        label="uneven users"
        value={world.userSkew}
        min={0}
        max={1.5}
        step={0.25}
        set={(userSkew) => set({ userSkew })}
      />
      <NumberField
        label="cold start"
        unit="× slower"
        value={world.coldFactor}
        min={1}
        max={20}
        set={(coldFactor) => set({ coldFactor })}
      />
      <NumberField
        label="restart one every"
        unit="s (0: never)"
        value={world.restartEverySeconds}
        min={0}
        max={600}
        set={(restartEverySeconds) => set({ restartEverySeconds })}
      />
      <OneUpstream state={state} chosen={chosen} />
    </div>
  );
}

/** What all slots together can serve is beside it: above that, something must give. */
function Load({ state }: { readonly state: SandboxState }) {
  const { requestsPerSecond, backends, slots } = state.setting.value.world;
  const capacity = backends.reduce(
    (sum, { serviceMs, running }) => sum + (running ? (1000 / serviceMs) * slots : 0),
    0,
  );
  const over = requestsPerSecond > capacity;
  return (
    <label class="load">
      load{" "}
      <input
        type="range"
        min={5}
        max={600}
        step={5}
        value={requestsPerSecond}
        onInput={({ currentTarget }) => state.changeWorld({ requestsPerSecond: currentTarget.valueAsNumber })}
      />{" "}
      <b>{requestsPerSecond} /s</b>
      <span class={over ? "bad" : "soft"}> of {Math.floor(capacity)} /s that they can serve</span>
    </label>
  );
}

/** One upstream: how fast, how heavy on each side, running or not. */
function OneUpstream({ state, chosen }: WorldControlsProps) {
  const { world, sides } = state.setting.value;
  const at = Math.min(chosen.value, world.backends.length - 1);
  const backend = world.backends[at];
  if (!backend) return null;
  const change = (next: Partial<typeof backend>): void =>
    state.changeWorld({ backends: world.backends.map((one, i) => (i === at ? { ...one, ...next } : one)) });
  return (
    <span class="line one-upstream" role="group" aria-label="One upstream">
      <select
        aria-label="Upstream"
        value={at}
        onChange={({ currentTarget }) => void (chosen.value = Number(currentTarget.value))}
      >
        {world.backends.map((_, i) => (
          <option key={i} value={i}>
            {upstreamName(i)}
          </option>
        ))}
      </select>
      <NumberField
        label="answers in"
        unit="ms"
        value={backend.serviceMs}
        min={1}
        max={2000}
        set={(serviceMs) => change({ serviceMs })}
      />
      {sides.map((side, i) => (
        <NumberField
          key={SIDES[i]}
          label={`weight in ${SIDES[i]}`}
          value={weightOf(side, at)}
          min={0}
          max={256}
          set={(weight) =>
            state.changeSide(i, {
              weights: world.backends.map((_, p) => (p === at ? weight : weightOf(side, p))),
            })
          }
        />
      ))}
      <button type="button" onClick={() => change({ running: !backend.running })}>
        {backend.running ? `Kill ${upstreamName(at)}` : `Start ${upstreamName(at)}`}
      </button>
    </span>
  );
}
