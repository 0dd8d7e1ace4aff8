import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import type { SampleStore } from "../samples.ts";
import { parseSeries, readExposition, type ExposedSample } from "./exposition.ts";
import { createTargetSeries } from "./target-series.ts";

/** Whom to scrape. */
export interface Target {
  readonly job: string;
  readonly instance: string;
  readonly url: string;
}

/** How a target fared at its last scrape. */
export interface TargetState extends Target {
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
  /** Epoch ms. */
  readonly lastScrapeAt: number | undefined;
  readonly lastScrapeMs: number;
}

export interface ScraperConfig {
  readonly targets: readonly Target[];
  readonly intervalMs: number;
}

export interface ScraperDeps {
  readonly clock: Clock;
  readonly store: SampleStore;
  /** Resolves with a target's text exposition; rejects with why there is none. Ends when the signal is aborted. */
  readonly get: (url: string, signal: AbortSignal) => Promise<string>;
}

/** Scrapes every target each interval, each for itself: a slow one delays no other. */
export interface Scraper {
  readonly targets: readonly TargetState[];
  start(): void;
  stop(): void;
}

/** A target with more has lost control of its labels: its scrape fails, as with Prometheus' `sample_limit`. */
const MAX_SAMPLES = 20_000;

export function createScraper({ targets, intervalMs }: ScraperConfig, deps: ScraperDeps): Scraper {
  const running = targets.map((target) => createTarget(target, intervalMs, deps));
  return {
    get targets() {
      return running.map(({ state }) => state());
    },
    start: () => running.forEach(({ start }) => start()),
    stop: () => running.forEach(({ stop }) => stop()),
  };
}

function createTarget(target: Target, intervalMs: number, { clock, store, get }: ScraperDeps) {
  const { job, instance } = target;
  const own = { job, instance };
  const series = createTargetSeries(store, own);
  const upSeries = store.series({ __name__: "up", ...own });
  const durationSeries = store.series({ __name__: "scrape_duration_seconds", ...own });
  const countSeries = store.series({ __name__: "scrape_samples_scraped", ...own });
  let state: TargetState = {
    ...target,
    health: "unknown",
    lastError: "",
    lastScrapeAt: undefined,
    lastScrapeMs: 0,
  };
  let underWay: AbortController | undefined;
  let stopped = false;

  async function scrape(): Promise<void> {
    // Its last scrape has not come back: it has had all of an interval.
    underWay?.abort(new Error(`no answer within ${intervalMs} ms`));
    const own = new AbortController();
    underWay = own;
    const at = clock.wall();
    const begun = clock.now();
    let count = 0;
    let error = "";
    try {
      const text = await get(target.url, own.signal);
      if (stopped) return;
      count = take(text, at);
    } catch (caught) {
      if (stopped) return;
      error = messageOf(own.signal.aborted ? own.signal.reason : caught);
      series.fail(at);
    }
    const took = clock.now() - begun;
    if (underWay === own) underWay = undefined;
    upSeries?.append(at, error === "" ? 1 : 0);
    durationSeries?.append(at, took / 1000);
    countSeries?.append(at, count);
    const health = error === "" ? "up" : "down";
    state = { ...target, health, lastError: error, lastScrapeAt: at, lastScrapeMs: took };
  }

  /** All or nothing: a text that is broken in its middle is no scrape. */
  function take(text: string, at: number): number {
    const samples: ExposedSample[] = [];
    readExposition(text, (sample) => samples.push(sample));
    if (samples.length > MAX_SAMPLES)
      throw new Error(`${samples.length} samples, allowed are ${MAX_SAMPLES}`);
    for (const { series: name } of samples) if (name === "") throw new Error("a sample without a name");
    series.begin(at);
    for (const sample of samples)
      series.write(sample.series, sample.value, sample.atMs, () => parseSeries(sample.series));
    return series.end();
  }

  let stopTurns: Cancel | undefined;
  return {
    state: () => state,
    start() {
      void scrape();
      stopTurns = every(clock, intervalMs, () => void scrape());
    },
    stop() {
      stopped = true;
      stopTurns?.();
      underWay?.abort(new Error("stopped"));
    },
  };
}
