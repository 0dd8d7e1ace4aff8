import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { createCounterFamily } from "../../runtime/counter-family.ts";
import { createGaugeFamily } from "../../runtime/gauge-family.ts";
import { createHistogramFamily } from "../../runtime/histogram-family.ts";

const BUCKETS = [0.001, 0.25, 1, 10];
const NAMES = ["a", "b", "c"] as const;
const values = fc.array(
  fc.record({
    name: fc.constantFrom(...NAMES),
    value: fc.double({ min: 0, max: 20, noNaN: true }),
    read: fc.boolean(),
  }),
  { maxLength: 60 },
);

const common = (registry: Registry) => ({
  name: "things",
  help: "Things",
  labelNames: ["name"],
  registers: [registry],
});

describe("metrics that tell prom-client when they are read", () => {
  it("show what prom-client's histogram shows that was told of each observation, whenever they are read", async () => {
    await fc.assert(
      fc.asyncProperty(values, async (observations) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const family = createHistogramFamily({ ...common(ours), buckets: BUCKETS });
        const histogram = new Histogram({ ...common(theirs), buckets: BUCKETS });
        for (const { name, value, read } of observations) {
          family.of(name).observe(value);
          histogram.observe({ name }, value);
          if (read) expect(await ours.metrics()).toBe(await theirs.metrics());
        }
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });

  it("show what prom-client's counter shows", async () => {
    await fc.assert(
      fc.asyncProperty(values, async (events) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const family = createCounterFamily(common(ours));
        const counter = new Counter(common(theirs));
        for (const { name, read } of events) {
          family.of(name).untold += 1;
          counter.inc({ name });
          if (read) expect(await ours.metrics()).toBe(await theirs.metrics());
        }
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });

  it("show what prom-client's gauge shows", async () => {
    await fc.assert(
      fc.asyncProperty(values, async (levels) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const family = createGaugeFamily(common(ours));
        const gauge = new Gauge(common(theirs));
        for (const { name, value, read } of levels) {
          family.of(name).value = value;
          gauge.set({ name }, value);
          if (read) expect(await ours.metrics()).toBe(await theirs.metrics());
        }
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
      { numRuns: 50 },
    );
  });

  it("show nothing of a series that was dropped, and begin anew with one that comes back", async () => {
    const registry = new Registry();
    const counts = createCounterFamily({ ...common(registry), name: "count" });
    const times = createHistogramFamily({ ...common(registry), name: "times", buckets: BUCKETS });
    const levels = createGaugeFamily({ ...common(registry), name: "level" });
    const use = (): void => {
      counts.of("a").untold += 2;
      times.of("a").observe(1);
      levels.of("a").value = 3;
    };
    use();
    const once = await registry.metrics();
    for (const family of [counts, times, levels]) family.drop("a");
    expect(await registry.metrics()).not.toContain('name="a"');
    use();
    expect(await registry.metrics()).toBe(once);
  });

  it("let a counter and a gauge begin at 0 before anything has happened", async () => {
    const registry = new Registry();
    createCounterFamily({ ...common(registry), name: "count" }).of("a");
    createGaugeFamily({ ...common(registry), name: "level" }).of("a");
    const text = await registry.metrics();
    expect(text).toContain('count{name="a"} 0');
    expect(text).toContain('level{name="a"} 0');
  });
});
