import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { readSandboxFragment, type LinkedSandbox } from "../../../lab/sandbox/link.ts";
import { PRESETS, presetNamed } from "../../../lab/sandbox/presets.ts";
import { span } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import { Speeds } from "../parts/speeds.tsx";
import { Comparison } from "./comparison.tsx";
import { NumberField } from "./number-field.tsx";
import { openSandbox, type SandboxState } from "./sandbox-state.ts";
import { SideRegion } from "./side-region.tsx";
import { WorldControls } from "./world-controls.tsx";

const MAX_SEED = 2 ** 31 - 1;
const NAMES = ["A", "B"] as const;

/** Two settings of a balancer under the same load, to be changed while one looks. */
export function SandboxPage({ fragment }: { readonly fragment: string }) {
  const state = useMemo(() => openSandbox(linkedBy(fragment)), [fragment]);
  useEffect(() => () => state.close(), [state]);
  return <OpenSandbox key={fragment} state={state} />;
}

function linkedBy(fragment: string): LinkedSandbox {
  const linked = readSandboxFragment(fragment);
  if (linked) return linked;
  const [preset] = PRESETS;
  if (!preset) throw new Error("there is no preset");
  return { preset, setting: preset.setting };
}

function OpenSandbox({ state }: { readonly state: SandboxState }) {
  const still = useSignal(matchMedia("(prefers-reduced-motion: reduce)").matches);
  const chosen = useSignal(0);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  // The address is a link to what is set: it can be handed on at any time.
  useSignalEffect(() => history.replaceState(null, "", `#${state.fragment.value}`));
  const { sides } = state.setting.value;
  return (
    <>
      <Bar state={state}>
        <h1 ref={heading} tabIndex={-1}>
          Sandbox
        </h1>
      </Bar>
      <p role="alert" class={state.trouble.value === undefined ? "hidden" : "bad inside"}>
        {state.trouble.value &&
          `The sandbox has ended: ${state.trouble.value}. Choose a preset to begin anew.`}
      </p>
      <main class="sandbox">
        <Region
          name="What to watch"
          about="the same users, requests and upstreams for both sides"
          controls={
            <>
              <NumberField
                label="seed"
                value={state.setting.value.seed}
                min={0}
                max={MAX_SEED}
                set={(seed) => state.take(state.preset.value, seed)}
              />
              <button
                type="button"
                aria-pressed={still.value}
                onClick={() => void (still.value = !still.value)}
              >
                Pause motion
              </button>
            </>
          }
        >
          <div class="inside">
            <p class="watch" aria-live="polite">
              {state.preset.value.watch}
            </p>
            <WorldControls state={state} chosen={chosen} />
          </div>
        </Region>
        <div class="sides">
          {sides.map((_, place) => (
            <SideRegion
              key={NAMES[place]}
              state={state}
              place={place}
              name={NAMES[place] ?? ""}
              still={still.value}
              chosen={chosen}
            />
          ))}
        </div>
        <Comparison sides={state.frame.value?.sides ?? []} />
      </main>
    </>
  );
}

interface BarProps {
  readonly state: SandboxState;
  readonly children: preact.ComponentChildren;
}

function Bar({ state, children }: BarProps) {
  const { seed } = state.setting.value;
  const isChanged = state.fragment.value.includes("&");
  return (
    <header class="bar">
      {children}
      <label>
        preset{" "}
        <select
          value={state.preset.value.name}
          onChange={({ currentTarget }) => {
            const preset = presetNamed(currentTarget.value);
            if (preset) state.take(preset, seed);
          }}
        >
          {PRESETS.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={() => state.take(state.preset.value, seed)}>
        {isChanged ? "Back to the preset" : "Begin again"}
      </button>
      <span class="space" />
      <span class="mono">{span((state.frame.value?.nowMs ?? 0) / 1000)}</span>
      <Speeds pacing={state.pacing} />
      <a class="button" href="#">
        Leave
      </a>
    </header>
  );
}
