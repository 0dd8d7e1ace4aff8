import { effect, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { SampledRequest, TrafficView } from "../../../lab/events/traffic-view.ts";
import { createDotSchedule } from "./dot-schedule.ts";
import { createMotion } from "./motion.ts";
import type { Path } from "./paths.ts";

interface DotCanvasProps {
  readonly traffic: ReadonlySignal<TrafficView | undefined>;
  readonly paths: ReadonlySignal<ReadonlyMap<string, Path>>;
  /** Gets how many requests a dot stands for. */
  readonly scale: Signal<number>;
  readonly select: (sample: SampledRequest) => void;
}

/** Beside the end of a way: a dot has a size. */
const MARGIN = 8;

/** Sampled requests as dots over the picture: what they say is written beside it, so that it has no text of its own. */
export function DotCanvas({ traffic, paths, scale, select }: DotCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const schedule = createDotSchedule();
    const motion = createMotion(element, { schedule, paths: () => paths.peek() });
    // Only as wide as its ways: what is drawn anew with each frame costs by its area.
    const fit = effect(() => {
      const right = Math.max(
        0,
        ...[...paths.value.values()].flatMap(({ points }) => points.map(({ x }) => x)),
      );
      element.style.width = right === 0 ? "" : `${Math.ceil(right + MARGIN)}px`;
    });
    let seen = traffic.peek();
    const cancel = effect(() => {
      const latest = traffic.value;
      // What came before somebody looked is over.
      if (latest === undefined || latest === seen) return;
      seen = latest;
      if (document.hidden) return schedule.clear();
      schedule.add(latest, performance.now());
      scale.value = schedule.requestsPerDot;
      motion.wake();
    });
    const onClick = (event: MouseEvent): void => {
      const box = element.getBoundingClientRect();
      const sample = motion.at({ x: event.clientX - box.left, y: event.clientY - box.top });
      if (sample) select(sample);
    };
    // The canvas lies over text that can be marked and buttons: clicks are those of the picture beneath.
    const picture = element.parentElement;
    picture?.addEventListener("click", onClick);
    return () => {
      cancel();
      fit();
      motion.stop();
      picture?.removeEventListener("click", onClick);
    };
  }, []);
  return <canvas ref={canvas} aria-hidden="true" />;
}
