import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import type { Labels, SampleStore } from "../samples.ts";
import { readMetadata, type MetricMetadata } from "./metadata.ts";
import { createRegistrySeries } from "./registry-series.ts";
import { ExpositionError, parseSeries, readExposition, type ExposedSample } from "./exposition.ts";
import { createTargetSeries, type TargetSeries } from "./target-series.ts";
import type { MetricRegistry } from "../../../runtime/metrics/registry.ts";

/** A target to scrape. */
export interface Target {
  readonly job: string;
  readonly instance: string;
  readonly url: string;
}

/** A target, and the result of its last scrape. */
export interface TargetState extends Target {
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
  /** Epoch ms. */
  readonly lastScrapeAt: number | undefined;
  readonly lastScrapeMs: number;
  readonly scrapes: number;
  readonly failures: number;
  /** Metadata of its last successful scrape; none from a registry in this process. */
  metadata(): readonly MetricMetadata[];
}

/** What a target has: its text exposition or, from the same process, its registry itself. */
export type Exposed = string | MetricRegistry;

export interface TargetSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** A scrape with more samples fails, as with Prometheus' `sample_limit`. */
  readonly maxSamples: number;
}

export interface TargetDeps {
  readonly clock: Clock;
  readonly store: SampleStore;
  /** Resolves with a target's metrics; rejects with why there are none. Ends when the signal is aborted. */
  readonly get: (url: string, signal: AbortSignal) => Promise<Exposed>;
}

/** One target, scraped on its own grid from its start to its stop. */
export interface ScrapedTarget {
  readonly state: TargetState;
  start(): void;
  stop(): void;
}

export function createTarget(
  target: Target,
  { intervalMs, timeoutMs, maxSamples }: TargetSettings,
  { clock, store, get }: TargetDeps,
): ScrapedTarget {
  const own = { job: target.job, instance: target.instance };
  const fromText = createTargetSeries(store, own);
  const fromRegistry = createRegistrySeries(store, own);
  const report = createScrapeReport(store, own);
  let lastText = "";
  let state: TargetState = {
    ...target,
    health: "unknown",
    lastError: "",
    lastScrapeAt: undefined,
    lastScrapeMs: 0,
    scrapes: 0,
    failures: 0,
    metadata: () => readMetadata(lastText),
  };
  let giveUp: ((reason: string) => void) | undefined;
  let stopTurns: Cancel | undefined;

  function scrape(): void {
    // Where the timeout equals the interval, the next turn may come before it.
    giveUp?.(lateText(timeoutMs));
    const at = clock.wall();
    const begun = clock.now();
    giveUp = requestOnce({ url: target.url, timeoutMs }, { clock, get }, (answer) => {
      giveUp = undefined;
      let { error = "" } = answer;
      let count = 0;
      try {
        if (answer.exposed !== undefined) count = take(answer.exposed, at);
      } catch (thrown) {
        error = messageOf(thrown);
      }
      if (error !== "") {
        fromText.fail(at);
        fromRegistry.end(at);
      }
      const took = clock.now() - begun;
      report({ at, error, took, count });
      state = afterScrape(state, { at, error, took });
    });
  }

  function take(exposed: Exposed, at: number): number {
    if (typeof exposed !== "string") return fromRegistry.take(exposed, at);
    const count = takeText(fromText, exposed, { at, maxSamples });
    lastText = exposed;
    return count;
  }

  return {
    get state() {
      return state;
    },
    start() {
      scrape();
      stopTurns = every(clock, intervalMs, scrape);
    },
    stop() {
      stopTurns?.();
      giveUp?.("stopped");
    },
  };
}

/** A target's metrics, or why there are none. */
type TargetAnswer =
  | { readonly exposed: Exposed; readonly error?: undefined }
  | { readonly exposed?: undefined; readonly error: string };

const lateText = (timeoutMs: number): string => `no answer within ${timeoutMs} ms`;

/** Requests a target's metrics. `done` is called once: later results are ignored. Returns what ends it with a reason. */
function requestOnce(
  { url, timeoutMs }: { readonly url: string; readonly timeoutMs: number },
  { clock, get }: Pick<TargetDeps, "clock" | "get">,
  done: (answer: TargetAnswer) => void,
): (reason: string) => void {
  const request = new AbortController();
  let isOver = false;
  function over(answer: TargetAnswer): void {
    if (isOver) return;
    isOver = true;
    cancelTimeout();
    done(answer);
  }
  function giveUp(error: string): void {
    if (isOver) return;
    over({ error });
    request.abort(new Error(error));
  }
  const cancelTimeout = clock.after(timeoutMs, () => giveUp(lateText(timeoutMs)));
  get(url, request.signal).then(
    (exposed) => over({ exposed }),
    (error: unknown) => over({ error: messageOf(error) }),
  );
  return giveUp;
}

interface Scrape {
  /** When it began, epoch ms. */
  readonly at: number;
  /** Empty when it succeeded. */
  readonly error: string;
  /** How long it took, ms. */
  readonly took: number;
  /** Its samples. */
  readonly count: number;
}

/** The series that Prometheus makes of each scrape. */
function createScrapeReport(store: SampleStore, own: Labels): (scrape: Scrape) => void {
  const up = store.series({ __name__: "up", ...own });
  const duration = store.series({ __name__: "scrape_duration_seconds", ...own });
  const samples = store.series({ __name__: "scrape_samples_scraped", ...own });
  return ({ at, error, took, count }) => {
    up?.append(at, error === "" ? 1 : 0);
    duration?.append(at, took / 1000);
    samples?.append(at, count);
  };
}

function afterScrape(before: TargetState, { at, error, took }: Omit<Scrape, "count">): TargetState {
  return {
    ...before,
    health: error === "" ? "up" : "down",
    lastError: error,
    lastScrapeAt: at,
    lastScrapeMs: took,
    scrapes: before.scrapes + 1,
    failures: before.failures + (error === "" ? 0 : 1),
  };
}

/** All or nothing: of a text with a broken line no sample is taken. */
function takeText(
  series: TargetSeries,
  text: string,
  { at, maxSamples }: { readonly at: number; readonly maxSamples: number },
): number {
  const samples: ExposedSample[] = [];
  readExposition(text, (sample) => samples.push(sample));
  if (samples.length > maxSamples)
    throw new ExpositionError(`${samples.length} samples, allowed are ${maxSamples}`);
  const fresh = new Map<string, Labels>();
  for (const one of samples) if (!series.knows(one.series)) fresh.set(one.series, parseSeries(one.series));
  series.begin(at);
  for (const { series: name, value, atMs } of samples)
    series.write(name, value, atMs, () => fresh.get(name) ?? {});
  return series.end();
}
