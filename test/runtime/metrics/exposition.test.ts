import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { exposition } from "../../../runtime/metrics/exposition.ts";
import { createMetricRegistry, type MetricRegistry } from "../../../runtime/metrics/registry.ts";
import { metricsText } from "../../../runtime/metrics/text.ts";

const BOUNDS = [0.001, 0.25, 1, 10];
const SHARED = { backend: 'web "1"', role: "a\\b\nc" };
const events = fc.array(
  fc.record({
    metric: fc.constantFrom("counter", "gauge", "histogram", "plain"),
    name: fc.constantFrom("a", 'b"', "c\\d\ne", ""),
    value: fc.oneof(fc.double({ min: 0, max: 20, noNaN: true }), fc.constantFrom(0, 1, 1e21)),
    read: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** The same metrics, ours and prom-client's. */
function beside() {
  const ours = createMetricRegistry(SHARED);
  const theirs = new Registry();
  theirs.setDefaultLabels(SHARED);
  const help = 'What a "help"\nholds\\';
  const common = { help, labelNames: ["name", "more"], registers: [theirs] };
  const counts = ours.counter("counts_total", help, "name", "more");
  const levels = ours.gauge("levels", help, "name", "more");
  const times = ours.histogram({ name: "times", help, labelNames: ["name", "more"], bounds: BOUNDS });
  const plain = ours.histogram({ name: "plain", help, labelNames: [], bounds: BOUNDS });
  ours.gauge("nothing", help);
  const counter = new Counter({ name: "counts_total", ...common });
  const gauge = new Gauge({ name: "levels", ...common });
  const histogram = new Histogram({ name: "times", ...common, buckets: BOUNDS });
  const single = new Histogram({ name: "plain", ...common, labelNames: [], buckets: BOUNDS });
  theirs.registerMetric(new Gauge({ name: "nothing", help, registers: [] }));
  const happen = {
    counter(name: string, value: number) {
      counts.of(name, "x").value += value;
      counter.inc({ name, more: "x" }, value);
    },
    gauge(name: string, value: number) {
      levels.of(name, "x").value = value;
      gauge.set({ name, more: "x" }, value);
    },
    histogram(name: string, value: number) {
      times.of(name, "x").buckets.observe(value);
      histogram.observe({ name, more: "x" }, value);
    },
    plain(_name: string, value: number) {
      plain.of().buckets.observe(value);
      single.observe(value);
    },
  };
  return { ours, theirs, happen };
}

/** prom-client puts a bucket's own labels behind the shared ones where it keeps them itself. */
const unordered = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) =>
      line.replace(
        /\{(.*)\}/,
        (_, labels: string) =>
          `{${(labels.match(/\w+="(?:[^"\\]|\\.)*"/g) ?? []).sort((a, b) => (a < b ? -1 : 1)).join(",")}}`,
      ),
    );

describe("the exposition of a registry", () => {
  it("shows what prom-client's own metrics show, whenever it is read", async () => {
    await fc.assert(
      fc.asyncProperty(events, async (all) => {
        const { ours, theirs, happen } = beside();
        const compare = async (): Promise<void> =>
          expect(unordered(await exposition(ours))).toEqual(unordered(await theirs.metrics()));
        for (const { metric, name, value, read } of all) {
          happen[metric](name, value);
          if (read) await compare();
        }
        await compare();
      }),
      { numRuns: 100 },
    );
  });

  it("is the same to the byte where prom-client does not run", async () => {
    await fc.assert(
      fc.asyncProperty(events, async (all) => {
        const { ours, happen } = beside();
        for (const { metric, name, value } of all) happen[metric](name, value);
        expect(metricsText(ours)).toBe(await exposition(ours));
      }),
    );
  });

  it("shows figures that are none and that are infinite alike", async () => {
    const registry = createMetricRegistry();
    registry.gauge("nan", "h").of().value = Number.NaN;
    registry.gauge("low", "h").of().value = -Infinity;
    expect(metricsText(registry)).toBe(await exposition(registry));
    expect(metricsText(createMetricRegistry())).toBe(await exposition(createMetricRegistry()));
  });

  it("is byte for byte prom-client's for a metric with shared labels only", async () => {
    const { ours, theirs, happen } = beside();
    happen.plain("", 0.5);
    const ofPlain = (text: string): readonly string[] =>
      text.split("\n").filter((line) => line.startsWith("plain"));
    expect(ofPlain(await exposition(ours))).toEqual(ofPlain(await theirs.metrics()));
    expect(ofPlain(await exposition(ours))).toHaveLength(BOUNDS.length + 3);
  });
});

describe("a registry", () => {
  const filled = (): { readonly registry: MetricRegistry; use(): void; drop(): void } => {
    const registry = createMetricRegistry();
    const counts = registry.counter("count", "h", "name");
    const times = registry.histogram({ name: "times", help: "h", labelNames: ["name"], bounds: BOUNDS });
    const levels = registry.gauge("level", "h", "name");
    return {
      registry,
      use() {
        counts.of("a").value += 2;
        times.of("a").buckets.observe(1);
        levels.of("a").value = 3;
      },
      drop: () => [counts, times, levels].forEach((family) => family.drop("a")),
    };
  };

  it("shows nothing of a series that was dropped, and begins anew with one that comes back", () => {
    const { registry, use, drop } = filled();
    use();
    const once = metricsText(registry);
    drop();
    expect(metricsText(registry)).not.toContain('name="a"');
    use();
    expect(metricsText(registry)).toBe(once);
  });

  it("lets a counter and a gauge begin at 0 before anything has happened, and a histogram when it has", () => {
    const registry = createMetricRegistry();
    registry.counter("count", "h", "name").of("a");
    registry.gauge("level", "h", "name").of("a");
    registry.histogram({ name: "times", help: "h", labelNames: ["name"], bounds: BOUNDS }).of("a");
    const text = metricsText(registry);
    expect(text).toContain('count{name="a"} 0');
    expect(text).toContain('level{name="a"} 0');
    expect(text).not.toContain("times{");
    expect(text).not.toContain("times_count");
  });

  it("keeps the series that are wanted and drops the others", () => {
    const registry = createMetricRegistry();
    const counts = registry.counter("count", "h", "name");
    for (const name of ["a", "b", "c"]) counts.of(name);
    counts.retain(([name]) => name !== "b");
    expect(Array.from(counts.series(), ({ labelValues }) => labelValues)).toEqual([["a"], ["c"]]);
  });

  it("brings up to date what is taken from its owner, at each read", () => {
    const registry = createMetricRegistry();
    const level = registry.gauge("level", "h").of();
    let now = 1;
    registry.onRead(() => void (level.value = now));
    expect(metricsText(registry)).toContain("level 1");
    now = 2;
    expect(metricsText(registry)).toContain("level 2");
  });

  it("has no two metrics of one name", () => {
    const registry = createMetricRegistry();
    registry.counter("count", "h");
    expect(() => registry.gauge("count", "h")).toThrow("declared twice");
  });
});
