import { describe, expect, it } from "vitest";
import { createSampleStore } from "../../../../lab/observe/sample-store.ts";
import type { SampleStore } from "../../../../lab/observe/samples.ts";
import { createScraper } from "../../../../lab/observe/scrape/scraper.ts";
import type { Exposed } from "../../../../lab/observe/scrape/target.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const SHOP = { job: "shop", instance: "a:1", url: "http://a:1/metrics" };
const OTHER = { job: "shop", instance: "b:1", url: "http://b:1/metrics" };

interface Scrape {
  readonly url: string;
  readonly at: number;
  readonly signal: AbortSignal;
  answer(exposed: Exposed): void;
  refuse(why: string): void;
}

/** A scraper whose targets answer when the test says so. */
function watched(
  more: {
    readonly targets?: (typeof SHOP)[];
    readonly timeoutMs?: number;
    readonly maxSamples?: number;
  } = {},
) {
  const clock = createManualClock();
  const store = createSampleStore({ retentionMs: 600_000, maxSeries: 100 });
  const scrapes: Scrape[] = [];
  const scraper = createScraper(
    { targets: [SHOP], intervalMs: 1000, ...more },
    {
      clock,
      store,
      get: (url, signal) =>
        new Promise((resolve, reject) => {
          scrapes.push({
            url,
            signal,
            at: clock.now(),
            answer: resolve,
            refuse: (why) => reject(new Error(why)),
          });
        }),
    },
  );
  scraper.start();
  const last = (): Scrape => scrapes.at(-1) as Scrape;
  return {
    clock,
    scraper,
    scrapes,
    store,
    async answers(exposed: Exposed, which = last()) {
      which.answer(exposed);
      await settled();
    },
    async refuses(why: string, which = last()) {
      which.refuse(why);
      await settled();
    },
    now: (name: string) => valuesOf(store, name, clock.wall() - 5000, clock.wall()),
  };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

/** By the labels beside the target's own, as `a=1`. */
function valuesOf(store: SampleStore, name: string, from: number, to: number): Record<string, number> {
  const found = store.select([{ label: "__name__", op: "=", value: name }]).flatMap((series) => {
    const sample = series.last(from, to);
    const { __name__: _name, job: _job, instance, ...labels } = series.labels;
    const key = [instance, ...Object.entries(labels).map(([label, value]) => `${label}=${value}`)].join(" ");
    return sample ? [[key, sample.value] as const] : [];
  });
  return Object.fromEntries(found);
}

describe("a scrape", () => {
  it("stores what the target has, with job and instance, at the time at which it began", async () => {
    const { clock, answers, store, now } = watched();
    clock.advance(300);
    await answers('a{b="c"} 4\n');
    expect(now("a")).toEqual({ "a:1 b=c": 4 });
    const [series] = store.select([{ label: "__name__", op: "=", value: "a" }]);
    expect(series?.labels).toEqual({ __name__: "a", b: "c", job: "shop", instance: "a:1" });
    expect(series?.last(0, clock.wall())?.atMs).toBe(clock.wall() - 300);
    expect(now("up")).toEqual({ "a:1": 1 });
    expect(now("scrape_duration_seconds")).toEqual({ "a:1": 0.3 });
    expect(now("scrape_samples_scraped")).toEqual({ "a:1": 1 });
  });

  it("keeps labels of the target's that are called as its own, beside them", async () => {
    const { answers, now } = watched();
    await answers('a{job="theirs",exported_instance="x",instance="y"} 1\n');
    expect(now("a")).toEqual({
      "a:1 exported_job=theirs exported_instance=x exported_exported_instance=y": 1,
    });
  });

  it("ends a series that was there before, and only that one", async () => {
    const { clock, answers, now } = watched();
    await answers("a 1\nb 1\n");
    clock.advance(1000);
    await answers("b 2\n");
    expect(now("a")).toEqual({});
    expect(now("b")).toEqual({ "a:1": 2 });
    clock.advance(1000);
    await answers("a 3\nb 3\n");
    expect(now("a")).toEqual({ "a:1": 3 });
  });

  it("that fails leaves a gap and up 0, never a zero", async () => {
    const { clock, answers, refuses, now, scraper } = watched();
    await answers("a 1\n");
    clock.advance(1000);
    await refuses("connect ECONNREFUSED");
    expect(now("a")).toEqual({});
    expect(now("up")).toEqual({ "a:1": 0 });
    expect(now("scrape_samples_scraped")).toEqual({ "a:1": 0 });
    expect(scraper.targets).toMatchObject([
      { health: "down", lastError: "connect ECONNREFUSED", scrapes: 2, failures: 1 },
    ]);
    clock.advance(1000);
    await answers("a 5\n");
    expect(now("a")).toEqual({ "a:1": 5 });
    expect(now("up")).toEqual({ "a:1": 1 });
    expect(scraper.targets).toMatchObject([{ health: "up", lastError: "", scrapes: 3, failures: 1 }]);
  });

  it.each([
    ["a line that is none", "a 2\nfresh 1\nnonsense\n"],
    ["a series that is none", 'a 2\nfresh 1\nb{c="} 1\n'],
    ["more samples than allowed", "a 2\nfresh 1\nb 1\nc 1\n"],
  ])("stores nothing of a text with %s", async (_what, text) => {
    const { clock, answers, now, store } = watched({ maxSamples: 3 });
    await answers("a 1\n");
    clock.advance(1000);
    await answers(text);
    expect(now("up")).toEqual({ "a:1": 0 });
    expect(now("a")).toEqual({});
    expect(store.select([{ label: "__name__", op: "=", value: "fresh" }])).toEqual([]);
    expect(store.stats.droppedSamples).toBe(0);
  });

  it("takes values that are no numbers as they are", async () => {
    const { answers, now } = watched();
    await answers('a{is="nan"} NaN\na{is="inf"} +Inf\na{is="less"} -Inf\n');
    expect(now("a")).toEqual({ "a:1 is=nan": Number.NaN, "a:1 is=inf": Infinity, "a:1 is=less": -Infinity });
  });

  it("takes the target's own time, and lets such a series grow old instead of ending it", async () => {
    const { clock, answers, now } = watched();
    await answers(`a 1 ${clock.wall() - 200}\n`);
    clock.advance(1000);
    await answers("b 1\n");
    expect(now("a")).toEqual({ "a:1": 1 });
  });

  it("does not take a time that is far ahead, by which all that is kept would be too old", async () => {
    const { clock, answers, now, scraper, store } = watched();
    await answers("a 1\nb 1\n");
    clock.advance(1000);
    await answers(`a 2\nb 2 ${clock.wall() * 1000}\n`);
    expect(now("a")).toEqual({ "a:1": 2 });
    expect(now("b")).toEqual({ "a:1": 1 });
    expect(scraper.targets[0]?.health).toBe("up");
    expect(store.stats.series).toBe(5);
  });

  it("keeps a label of the target's that is called as every object's fields are", async () => {
    const { answers, now } = watched();
    await answers('a{constructor="b"} 1\n');
    expect(now("a")).toEqual({ "a:1 constructor=b": 1 });
  });

  it("keeps the target's metadata of its metrics", async () => {
    const { answers, scraper } = watched();
    await answers("# HELP a of a\n# TYPE a gauge\na 1\n");
    expect(scraper.targets[0]?.metadata()).toEqual([{ metric: "a", type: "gauge", help: "of a" }]);
  });
});

describe("a target that does not answer", () => {
  it("has failed after the timeout, and its later answer is dropped", async () => {
    const { clock, scrapes, answers, now, scraper } = watched({ timeoutMs: 400 });
    await answers("a 1\n");
    clock.advance(1400);
    expect(scrapes[1]?.signal.aborted).toBe(true);
    expect(scraper.targets).toMatchObject([{ health: "down", lastError: "no answer within 400 ms" }]);
    expect(now("a")).toEqual({});
    await answers("a 2\n", scrapes[1]);
    expect(now("a")).toEqual({});
    expect(now("up")).toEqual({ "a:1": 0 });
  });

  it("never has two scrapes under way, and is scraped again on its own grid", async () => {
    const { clock, scrapes, now } = watched();
    for (let second = 1; second <= 5; second++) {
      clock.advance(1000);
      expect(scrapes.filter(({ signal }) => !signal.aborted)).toHaveLength(1);
      await settled();
      expect(now("up")).toEqual({ "a:1": 0 });
    }
    expect(scrapes.map(({ at }) => at)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  });

  it("delays no other", async () => {
    const { clock, scrapes, answers, now } = watched({ targets: [SHOP, OTHER] });
    for (let second = 0; second < 3; second++) {
      await answers(
        `a ${second}\n`,
        scrapes.findLast(({ url }) => url === OTHER.url),
      );
      expect(now("a")).toEqual({ "b:1": second });
      clock.advance(1000);
    }
    expect(now("up")).toEqual({ "a:1": 0, "b:1": 1 });
  });

  it("is left alone when the scraper stops, and no timer stays behind", () => {
    const { clock, scrapes, scraper } = watched({ targets: [SHOP, OTHER] });
    scraper.stop();
    expect(scrapes.every(({ signal }) => signal.aborted)).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
