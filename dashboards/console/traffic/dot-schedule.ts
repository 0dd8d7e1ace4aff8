import type { SampledRequest, TrafficView } from "../../../lab/events/traffic-view.ts";
import { createDotScale, MOST_DOTS } from "./dot-scale.ts";
import { journeyOf, wayOf, type Leg } from "./journey.ts";

/** A request on its way through the picture. */
export interface Dot {
  readonly sample: SampledRequest;
  readonly legs: readonly Leg[];
  /** Milliseconds of the viewer. */
  readonly startAt: number;
  readonly endAt: number;
}

/** Where a dot is: so far along a path, from 0 to 1. */
export interface DotPlace {
  readonly dot: Dot;
  readonly path: string;
  readonly at: number;
  readonly failed: boolean;
}

/** Makes dots of sampled requests, as many of each way and outcome as there were requests, at one scale for all. */
export interface DotSchedule {
  /** `now` is when they came, in milliseconds of the viewer. */
  add(traffic: Pick<TrafficView, "from" | "to" | "samples">, now: number): void;
  /** Those on their way, after those that have come to their end are gone. */
  places(now: number): readonly DotPlace[];
  /** True while some dot is on its way, or will be. */
  readonly isMoving: boolean;
  readonly requestsPerDot: number;
  clear(): void;
}

/** What came is spread over the time until the next is expected, within these bounds. */
const SHORTEST_GAP_MS = 20;
const LONGEST_GAP_MS = 500;

export function createDotSchedule(): DotSchedule {
  const scale = createDotScale();
  /** Requests of a way and outcome that no dot stands for yet. */
  const owed = new Map<string, number>();
  let dots: Dot[] = [];
  let cameAt: number | undefined;
  let gapMs = 250;

  function place(sample: SampledRequest, way: string, startAt: number): void {
    const key = `${way} ${sample.failed}`;
    const size = scale.requestsPerDot;
    // The first of a kind is owed half a dot: figures are rounded, neither up nor down.
    const sum = (owed.get(key) ?? size / 2) + sample.weight;
    const isDrawn = sum >= size;
    // Of one sample one dot is made: what the scale leaves over is carried on, within the size of a dot.
    owed.set(key, isDrawn ? Math.min(sum - size, size) : sum);
    if (!isDrawn || dots.length >= MOST_DOTS) return;
    const legs = journeyOf(sample);
    dots.push({ sample, legs, startAt, endAt: startAt + legs.reduce((ms, leg) => ms + leg.ms, 0) });
  }

  return {
    add({ from, to, samples }, now) {
      if (cameAt !== undefined)
        gapMs += 0.3 * (Math.min(LONGEST_GAP_MS, Math.max(SHORTEST_GAP_MS, now - cameAt)) - gapMs);
      cameAt = now;
      dots = dots.filter(({ endAt }) => endAt > now);
      const drawn = samples.flatMap((sample) => {
        const way = wayOf(sample);
        return way === undefined ? [] : [{ sample, way }];
      });
      scale.add(now, weightByWay(drawn), drawn.length);
      for (const { sample, way } of drawn)
        place(sample, way, now + gapMs * within((endOf(sample) - from) / Math.max(1, to - from)));
    },
    places(now) {
      dots = dots.filter(({ endAt }) => endAt > now);
      return dots.flatMap((dot) => placeOf(dot, now) ?? []);
    },
    get isMoving() {
      return dots.length > 0;
    },
    get requestsPerDot() {
      return scale.requestsPerDot;
    },
    clear() {
      dots = [];
      owed.clear();
      cameAt = undefined;
    },
  };
}

const within = (ratio: number): number => Math.min(1, Math.max(0, ratio));

/** When it ended, by the lab's clock: requests are reported when they have ended. */
const endOf = (sample: SampledRequest): number =>
  sample.at + (sample.seenBy === "users" ? sample.durationMs : sample.totalMs);

function weightByWay(
  drawn: readonly { readonly sample: SampledRequest; readonly way: string }[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { sample, way } of drawn) sums.set(way, (sums.get(way) ?? 0) + sample.weight);
  return sums;
}

/** Undefined before its start and after its end. */
export function placeOf(dot: Dot, now: number): DotPlace | undefined {
  let passed = now - dot.startAt;
  if (passed < 0) return undefined;
  for (const { path, back, failed, ms } of dot.legs) {
    if (passed < ms) return { dot, path, at: back ? 1 - passed / ms : passed / ms, failed };
    passed -= ms;
  }
  return undefined;
}
