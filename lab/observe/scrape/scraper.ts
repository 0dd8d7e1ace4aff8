import { createTarget, type Target, type TargetDeps, type TargetState } from "./target.ts";

export interface ScraperConfig {
  readonly targets: readonly Target[];
  readonly intervalMs: number;
  /** At most the interval, which is the default. */
  readonly timeoutMs?: number;
  readonly maxSamples?: number;
}

/** Scrapes every target each interval, independently: a slow one delays no other. */
export interface Scraper {
  readonly targets: readonly TargetState[];
  start(): void;
  stop(): void;
}

/** A target of the lab has some hundred. */
const MAX_SAMPLES = 20_000;

export function createScraper(
  { targets, intervalMs, timeoutMs = intervalMs, maxSamples = MAX_SAMPLES }: ScraperConfig,
  deps: TargetDeps,
): Scraper {
  const settings = { intervalMs, timeoutMs: Math.min(timeoutMs, intervalMs), maxSamples };
  const running = targets.map((target) => createTarget(target, settings, deps));
  return {
    get targets() {
      return running.map(({ state }) => state);
    },
    start: () => running.forEach((target) => target.start()),
    stop: () => running.forEach((target) => target.stop()),
  };
}
