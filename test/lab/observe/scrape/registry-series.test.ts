import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { describe, expect, it } from "vitest";
import { createSampleStore } from "../../../../lab/observe/sample-store.ts";
import type { SampleStore } from "../../../../lab/observe/samples.ts";
import { createScraper } from "../../../../lab/observe/scrape/scraper.ts";
import type { Exposed } from "../../../../lab/observe/scrape/target.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

function shop() {
  const registry = new Registry();
  registry.setDefaultLabels({ role: "web", code: "none" });
  const registers = [registry];
  let waiting = 3;
  const requests = new Counter({
    name: "requests_total",
    help: "h",
    labelNames: ["code", "flag"],
    registers,
  });
  const seconds = new Histogram({
    name: "seconds",
    help: "h",
    labelNames: ["route", "job"],
    buckets: [0.005, 1, 2.5],
    registers,
  });
  const plain = new Histogram({ name: "plain_seconds", help: "h", buckets: [1], registers });
  const version = new Gauge({ name: "version", help: "h", registers });
  const queue = new Gauge({
    name: "queue",
    help: "h",
    registers,
    collect() {
      this.set(waiting);
    },
  });
  return { registry, requests, seconds, plain, version, queue, wait: (count: number) => (waiting = count) };
}

/** Scrapes the same registry a few times: once as text, once itself. */
function beside(registry: Registry) {
  const clock = createManualClock();
  const sides = (["text", "itself"] as const).map((how) => {
    const store = createSampleStore({ retentionMs: 600_000, maxSeries: 1000 });
    const scraper = createScraper(
      { targets: [{ job: "shop", instance: "a:1", url: "" }], intervalMs: 1000 },
      {
        clock,
        store,
        get: async (): Promise<Exposed> => (how === "text" ? registry.metrics() : registry),
      },
    );
    return { store, scraper };
  });
  return {
    clock,
    start: () => sides.forEach(({ scraper }) => scraper.start()),
    stores: () => sides.map(({ store }) => contents(store, clock.wall())),
    targets: () => sides.map(({ scraper }) => scraper.targets[0]),
  };
}

function contents(store: SampleStore, now: number): Record<string, number | undefined> {
  const all = store.select([{ label: "__name__", op: "=~", value: ".+" }]);
  return Object.fromEntries(
    all.map((series) => [
      JSON.stringify(Object.entries(series.labels).sort(([a], [b]) => (a < b ? -1 : 1))),
      series.last(now - 5000, now)?.value,
    ]),
  );
}

/** Promises within prom-client are many, but none of them waits for anything. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a registry of this process", () => {
  it("gives what a scrape of its text gives, while series come, grow and go", async () => {
    const { registry, requests, seconds, plain, version, wait } = shop();
    const { clock, start, stores } = beside(registry);
    requests.inc({ code: "200", flag: "-" }, 5);
    requests.inc({ code: "503", flag: "" });
    seconds.observe({ route: "/", job: "theirs" }, 0.7);
    start();
    await settled();
    const [text, itself] = stores();
    expect(itself).toEqual(text);
    expect(Object.keys(itself ?? {})).toHaveLength(2 + 6 + 4 + 2 + 3);

    requests.inc({ code: "200", flag: "-" });
    requests.remove("503", "");
    seconds.observe({ route: "/", job: "theirs" }, 0.001);
    seconds.observe({ route: "/", job: "theirs" }, 100);
    seconds.observe({ route: "/a" }, 2);
    plain.observe(1);
    version.set(Number.NaN);
    wait(0);
    clock.advance(1000);
    await settled();
    const [textLater, itselfLater] = stores();
    expect(itselfLater).toEqual(textLater);
    expect(itselfLater).not.toEqual(itself);

    requests.reset();
    seconds.reset();
    clock.advance(1000);
    await settled();
    const [textLast, itselfLast] = stores();
    expect(itselfLast).toEqual(textLast);
    expect(Object.values(itselfLast ?? {})).toContain(undefined);
  });

  it.each([
    ["a summary", (registry: Registry) => new Summary({ name: "a", help: "h", registers: [registry] })],
    [
      "a gauge that is collected by a promise",
      (registry: Registry) => new Gauge({ name: "a", help: "h", registers: [registry], async collect() {} }),
    ],
  ])("with %s is told apart, and nothing of it stored", async (_what, add) => {
    const { registry } = shop();
    add(registry);
    const { start, targets, stores } = beside(registry);
    start();
    await settled();
    expect(targets()[1]).toMatchObject({
      health: "down",
      lastError: expect.stringMatching(/^a cannot be sampled/) as string,
    });
    expect(Object.keys(stores()[1] ?? {})).toHaveLength(3);
  });
});
