import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Scrubber } from "../parts/scrubber.tsx";
import { clock } from "../regions/drill-figures.ts";
import type { Pacing } from "../world/console-world.ts";
import type { Recorded } from "../world/protocol.ts";
import { outcomeText } from "./replay-text.ts";

interface ReplayBarProps {
  readonly pacing: Pacing;
  /** Goes through it again from its beginning, to this step. */
  readonly again: (step: number) => void;
}

/** Where in a recorded drill the page is; a step back replays it from its beginning. */
export function ReplayBar({ pacing, again }: ReplayBarProps) {
  const recorded = useSignal<Recorded | undefined>(undefined);
  const step = useSignal(0);
  useEffect(() => {
    const cancels = [
      pacing.onRecorded((found) => void (recorded.value = found)),
      pacing.onTime(({ nowMs }) => {
        if (recorded.value) step.value = Math.round(nowMs / recorded.value.stepMs);
      }),
    ];
    return () => cancels.forEach((cancel) => cancel());
  }, [pacing]);
  const { value: found } = recorded;
  if (found === undefined) return <p class="replay">Reading the drill…</p>;
  const { steps, stepMs } = found;
  const timeOf = (at: number): string => clock((at * stepMs) / 1000);
  const go = (to: number): void => (to >= step.value ? pacing.until(to) : again(to));
  return (
    <Scrubber
      name="Replay"
      value={step.value}
      most={steps}
      step={Math.max(1, Math.round(1000 / stepMs))}
      textOf={timeOf}
      onChosen={go}
    >
      <button type="button" onClick={() => go(steps)}>
        To the end
      </button>
      <span role="status">{outcomeText(found)}</span>
    </Scrubber>
  );
}
