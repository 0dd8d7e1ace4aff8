import { describe, expect, it } from "vitest";
import { createSampleStore } from "../../../../lab/observe/sample-store.ts";
import type { SampleStore } from "../../../../lab/observe/samples.ts";
import { createScraper } from "../../../../lab/observe/scrape/scraper.ts";
import type { Exposed } from "../../../../lab/observe/scrape/target.ts";
import { createMetricRegistry, type MetricRegistry } from "../../../../runtime/metrics/registry.ts";
import { metricsText } from "../../../../runtime/metrics/text.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

function shop() {
  const registry = createMetricRegistry({ role: "web", code: "none" });
  let waiting = 3;
  const requests = registry.counter("requests_total", "h", "code", "flag");
  const seconds = registry.histogram({
    name: "seconds",
    help: "h",
    labelNames: ["route", "job"],
    bounds: [0.005, 1, 2.5],
  });
  const plain = registry.histogram({ name: "plain_seconds", help: "h", labelNames: [], bounds: [1] });
  const version = registry.gauge("version", "h");
  const queue = registry.gauge("queue", "h").of();
  registry.onRead(() => void (queue.value = waiting));
  return { registry, requests, seconds, plain, version, wait: (count: number) => (waiting = count) };
}

/** Scrapes the same registry a few times: once as text, once itself. */
function beside(registry: MetricRegistry) {
  const clock = createManualClock();
  const sides = (["text", "itself"] as const).map((how) => {
    const store = createSampleStore({ retentionMs: 600_000, maxSeries: 1000 });
    const scraper = createScraper(
      { targets: [{ job: "shop", instance: "a:1", url: "" }], intervalMs: 1000 },
      {
        clock,
        store,
        get: async (): Promise<Exposed> => (how === "text" ? metricsText(registry) : registry),
      },
    );
    return { store, scraper };
  });
  return {
    clock,
    start: () => sides.forEach(({ scraper }) => scraper.start()),
    stores: () => sides.map(({ store }) => contents(store, clock.wall())),
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

/** Its scrapes' promises are few, and all of them settle at once. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a registry of this process", () => {
  it("gives what a scrape of its text gives, while series come, grow and go", async () => {
    const { registry, requests, seconds, plain, version, wait } = shop();
    const { clock, start, stores } = beside(registry);
    requests.of("200", "-").value += 5;
    requests.of("503", "").value += 1;
    seconds.of("/", "theirs").buckets.observe(0.7);
    start();
    await settled();
    const [text, itself] = stores();
    expect(itself).toEqual(text);
    expect(Object.keys(itself ?? {})).toHaveLength(2 + 6 + 4 + 2 + 3);

    requests.of("200", "-").value += 1;
    requests.drop("503", "");
    seconds.of("/", "theirs").buckets.observe(0.001);
    seconds.of("/", "theirs").buckets.observe(100);
    seconds.of("/a", "").buckets.observe(2);
    plain.of().buckets.observe(1);
    version.of().value = Number.NaN;
    wait(0);
    clock.advance(1000);
    await settled();
    const [textLater, itselfLater] = stores();
    expect(itselfLater).toEqual(textLater);
    expect(itselfLater).not.toEqual(itself);

    requests.retain(() => false);
    seconds.retain(() => false);
    clock.advance(1000);
    await settled();
    const [textLast, itselfLast] = stores();
    expect(itselfLast).toEqual(textLast);
    expect(Object.values(itselfLast ?? {})).toContain(undefined);
  });

  it("goes on with a series that was dropped and came back between two scrapes", async () => {
    const { registry, requests } = shop();
    const { clock, start, stores } = beside(registry);
    requests.of("200", "-").value = 5;
    start();
    await settled();
    requests.drop("200", "-");
    requests.of("200", "-").value = 2;
    clock.advance(1000);
    await settled();
    const [text, itself] = stores();
    expect(itself).toEqual(text);
    expect(Object.values(itself ?? {})).toContain(2);
  });
});
