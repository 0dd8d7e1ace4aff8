import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Pacing } from "../world/console-world.ts";
import type { Speed } from "../world/protocol.ts";

const SPEEDS: readonly (readonly [string, Speed])[] = [
  ["pause", 0],
  ["0.5×", 0.5],
  ["1×", 1],
  ["2×", 2],
  ["5×", 5],
  ["10×", 10],
  ["as fast as it goes", null],
];
const STEP_MS = 1000;

/** How fast virtual time passes; while it stands still, a second at a time. */
export function Speeds({ pacing }: { readonly pacing: Pick<Pacing, "set" | "step" | "onTime"> }) {
  /** As the world says it: a replay stands still at its end by itself. */
  const speed = useSignal<Speed | undefined>(undefined);
  useEffect(() => pacing.onTime((time) => void (speed.value = time.speed)), [pacing]);
  return (
    <div role="group" aria-label="Speed of virtual time" class="line">
      {SPEEDS.map(([name, value]) => (
        <button
          key={name}
          type="button"
          aria-pressed={speed.value === value}
          onClick={() => pacing.set(value)}
        >
          {name}
        </button>
      ))}
      <button type="button" disabled={speed.value !== 0} onClick={() => pacing.step(STEP_MS)}>
        step 1 s
      </button>
    </div>
  );
}
