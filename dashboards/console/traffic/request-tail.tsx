import { effect, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { SampledRequest, TrafficView } from "../../../lab/events/traffic-view.ts";
import { clockTime } from "../parts/figures.ts";

const KEPT = 200;
const SHOWN = 6;
const EVERY_MS = 1000;

interface RequestTailProps {
  readonly traffic: ReadonlySignal<TrafficView | undefined>;
  readonly selected: SampledRequest | undefined;
  readonly select: (sample: SampledRequest) => void;
}

/** The last of the sampled requests, a line each; it stands still while somebody points at it or has its focus. */
export function RequestTail({ traffic, selected, select }: RequestTailProps) {
  const onlyFailed = useSignal(false);
  const shown = useSignal<readonly SampledRequest[]>([]);
  const isHeld = useRef(false);
  useEffect(() => {
    let kept: readonly SampledRequest[] = [];
    const cancel = effect(() => {
      kept = [...kept, ...(traffic.value?.samples ?? [])].slice(-KEPT);
    });
    const show = (): void => {
      if (isHeld.current || document.hidden) return;
      shown.value = kept
        .filter(({ failed }) => failed || !onlyFailed.peek())
        .slice(-SHOWN)
        .reverse();
    };
    const timer = setInterval(show, EVERY_MS);
    return () => {
      cancel();
      clearInterval(timer);
    };
  }, []);
  const hold = (is: boolean) => (): void => void (isHeld.current = is);
  return (
    <div class="tail">
      <p class="line">
        <b>Requests, sampled</b>
        <label>
          <input
            type="checkbox"
            checked={onlyFailed.value}
            onChange={(e) => void (onlyFailed.value = e.currentTarget.checked)}
          />{" "}
          failures only
        </label>
      </p>
      <ul
        onMouseEnter={hold(true)}
        onMouseLeave={hold(false)}
        onFocusCapture={hold(true)}
        onBlurCapture={hold(false)}
      >
        {shown.value.map((sample, i) => (
          <li key={i}>
            <button
              type="button"
              class="mono"
              aria-pressed={sample === selected}
              onClick={() => select(sample)}
            >
              <span class="soft">{clockTime(sample.at)}</span>
              <span>{sample.seenBy === "users" ? "user" : "log"}</span>
              <span class="what">{whatOf(sample)}</span>
              <span class={sample.failed ? "bad" : undefined}>
                {sample.failed && "◆ "}
                {sample.outcome}
              </span>
              <span>{whoOf(sample)}</span>
              <span class="r">{tookOf(sample).toFixed(0)} ms</span>
              {sample.weight > 1 && <span class="soft">× {sample.weight}</span>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const whatOf = (sample: SampledRequest): string =>
  sample.seenBy === "users" ? sample.route : `${sample.method} ${sample.target}`;
const whoOf = (sample: SampledRequest): string =>
  (sample.seenBy === "users"
    ? sample.backend
    : sample.attempts.map(({ upstream }) => upstream).join(" → ")) || "–";
const tookOf = (sample: SampledRequest): number =>
  sample.seenBy === "users" ? sample.durationMs : sample.totalMs;
