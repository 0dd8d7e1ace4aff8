import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQueryEngine } from "../../../lab/observe/promql/engine.ts";
import { createSampleStore } from "../../../lab/observe/sample-store.ts";
import type { SampleStore, SeriesReader } from "../../../lab/observe/samples.ts";

const createStore = (more: Partial<Parameters<typeof createSampleStore>[0]> = {}) =>
  createSampleStore({ retentionMs: 60_000, maxSeries: 100, ...more });

const named = (store: SampleStore, name: string): readonly SeriesReader[] =>
  store.select([{ label: "__name__", op: "=", value: name }]);

/** Times and values of the one series with this name. */
function samplesOf(store: SampleStore, name: string, from = -1_000_000, to = 1_000_000) {
  const value = createQueryEngine(store)
    .compile(`${name}[${to - from}ms]`)
    .at(to);
  return value.type === "matrix" ? (value.series[0]?.points ?? []) : [];
}

describe("a series", () => {
  it("is the one with exactly these labels, whatever their order", () => {
    const store = createStore();
    store.series({ __name__: "x", a: "1", b: "2" })?.append(1000, 1);
    store.series({ b: "2", __name__: "x", a: "1" })?.append(2000, 2);
    store.series({ __name__: "x", a: "1" })?.append(3000, 3);
    expect(store.stats).toMatchObject({ series: 2, samples: 3 });
    expect(named(store, "x").map(({ labels }) => Object.keys(labels).length)).toEqual([3, 2]);
  });

  it("takes samples in the order of time only, and counts the others", () => {
    const store = createStore();
    const x = store.series({ __name__: "x" });
    x?.append(2000, 2);
    x?.append(1000, 1);
    x?.append(2000, 3);
    x?.append(3000, 4);
    expect(samplesOf(store, "x")).toEqual([
      [2000, 2],
      [3000, 4],
    ]);
    expect(store.stats).toMatchObject({ samples: 2, droppedSamples: 2 });
  });

  it("has in a range what is after its left edge, up to its right one", () => {
    const store = createStore();
    const x = store.series({ __name__: "x" });
    for (const at of [1000, 2000, 3000, 4000]) x?.append(at, at / 1000);
    expect(samplesOf(store, "x", 1000, 3000).map(([, value]) => value)).toEqual([2, 3]);
    expect(samplesOf(store, "x", 999, 3999).map(([, value]) => value)).toEqual([1, 2, 3]);
    expect(samplesOf(store, "x", 4000, 9000)).toEqual([]);
    expect(named(store, "x")[0]?.last(1000, 2500)).toEqual({ atMs: 2000, value: 2 });
    expect(named(store, "x")[0]?.last(2000, 2500)).toBeUndefined();
  });

  it("has the left edge, too, where ranges are closed", () => {
    const store = createStore({ rangeStart: "closed" });
    const x = store.series({ __name__: "x" });
    for (const at of [1000, 2000, 3000]) x?.append(at, at / 1000);
    expect(samplesOf(store, "x", 1000, 2000).map(([, value]) => value)).toEqual([1, 2]);
    expect(named(store, "x")[0]?.last(2000, 2500)).toEqual({ atMs: 2000, value: 2 });
  });

  it("that has ended is absent until its next sample; the mark is no sample", () => {
    const store = createStore();
    const x = store.series({ __name__: "x" });
    x?.append(1000, 1);
    x?.stale(2000);
    const [reader] = named(store, "x");
    expect(reader?.last(0, 1999)).toEqual({ atMs: 1000, value: 1 });
    expect(reader?.last(0, 2000)).toBeUndefined();
    x?.append(3000, 3);
    expect(reader?.last(0, 3000)).toEqual({ atMs: 3000, value: 3 });
    expect(samplesOf(store, "x")).toEqual([
      [1000, 1],
      [3000, 3],
    ]);
  });

  it("that never was does not begin with its end", () => {
    const store = createStore();
    store.series({ __name__: "x" })?.stale(1000);
    expect(store.stats.samples).toBe(0);
  });

  it("keeps NaN and the infinite as they are", () => {
    const store = createStore();
    const x = store.series({ __name__: "x" });
    [Number.NaN, Infinity, -Infinity, -0].forEach((value, i) => x?.append(1000 + i, value));
    expect(samplesOf(store, "x").map(([, value]) => value)).toEqual([Number.NaN, Infinity, -Infinity, -0]);
  });

  it("reads as a plain list would, whatever is appended, ended and forgotten", () => {
    const step = fc.record({ after: fc.integer({ min: 0, max: 4000 }), stale: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.nat(60_000),
        fc.integer({ min: 1, max: 60_000 }),
        (steps, age, length) => {
          const store = createStore();
          const writer = store.series({ __name__: "x" });
          let model: { at: number; value: number; stale: boolean }[] = [];
          let now = 0;
          for (const [i, { after, stale }] of steps.entries()) {
            now += after;
            const last = model.at(-1);
            if (stale) writer?.stale(now);
            else writer?.append(now, i);
            if ((last && now <= last.at) || (stale && !last)) continue;
            model.push({ at: now, value: i, stale });
            model = model.filter(({ at }) => at > now - 60_000);
          }
          const to = now - age;
          const from = to - length;
          const inside = model.filter(({ at }) => at > from && at <= to);
          expect(samplesOf(store, "x", from, to)).toEqual(
            inside.filter(({ stale }) => !stale).map(({ at, value }) => [at, value]),
          );
          const last = inside.at(-1);
          expect(named(store, "x")[0]?.last(from, to)).toEqual(
            last && !last.stale ? { atMs: last.at, value: last.value } : undefined,
          );
        },
      ),
    );
  });
});

describe("what is kept", () => {
  it("is the last while: older samples go, and series that have none left", () => {
    const store = createStore();
    const old = store.series({ __name__: "old" });
    const live = store.series({ __name__: "live" });
    old?.append(0, 1);
    for (let at = 0; at <= 70_000; at += 1000) live?.append(at, at);
    expect(samplesOf(store, "live")[0]).toEqual([11_000, 11_000]);
    expect(named(store, "old")).toEqual([]);
    expect(store.stats.series).toBe(1);
    expect(store.labelValues("__name__")).toEqual(["live"]);
  });

  it("comes back with the next sample, by the writer that there was", () => {
    const store = createStore();
    const old = store.series({ __name__: "old" });
    const live = store.series({ __name__: "live" });
    old?.append(0, 1);
    for (let at = 0; at <= 70_000; at += 1000) live?.append(at, at);
    old?.append(71_000, 2);
    expect(samplesOf(store, "old")).toEqual([[71_000, 2]]);
  });

  it("is no more series than allowed; the rest is counted and reported to the writer", () => {
    const store = createStore({ maxSeries: 2 });
    expect(store.series({ __name__: "a" })).toBeDefined();
    expect(store.series({ __name__: "b" })).toBeDefined();
    expect(store.series({ __name__: "c" })).toBeUndefined();
    expect(store.series({ __name__: "a" })).toBeDefined();
    expect(store.stats).toMatchObject({ series: 2, droppedSeries: 1 });
  });

  it("has room again when series have gone, also for a writer that found none in between", () => {
    const store = createStore({ maxSeries: 2 });
    const old = store.series({ __name__: "old" });
    const live = store.series({ __name__: "live" });
    old?.append(0, 1);
    for (let at = 0; at <= 70_000; at += 1000) live?.append(at, at);
    const other = store.series({ __name__: "other" });
    other?.append(70_000, 1);
    old?.append(71_000, 2);
    expect(named(store, "old")).toEqual([]);
    expect(store.stats.droppedSamples).toBe(1);
    for (let at = 72_000; at <= 150_000; at += 1000) live?.append(at, at);
    old?.append(151_000, 3);
    expect(samplesOf(store, "old")).toEqual([[151_000, 3]]);
  });
});

describe("what can be queried", () => {
  const store = createStore();
  store.series({ __name__: "up", job: "a" })?.append(1000, 1);
  store.series({ __name__: "up", job: "b", zone: "1" })?.append(1000, 1);
  store.series({ __name__: "down", job: "a" })?.append(1000, 1);

  it("is named and in order", () => {
    expect(store.labelNames()).toEqual(["__name__", "job", "zone"]);
    expect(store.labelValues("job")).toEqual(["a", "b"]);
    expect(store.labelValues("nosuch")).toEqual([]);
    expect(store.labelValues("constructor")).toEqual([]);
  });

  it.each([
    [[{ label: "job", op: "=", value: "a" }], 2],
    [
      [
        { label: "__name__", op: "=", value: "up" },
        { label: "job", op: "!=", value: "a" },
      ],
      1,
    ],
    [[{ label: "__name__", op: "=~", value: "u.|do.*" }], 3],
    [[{ label: "zone", op: "!~", value: ".+" }], 2],
    [[{ label: "zone", op: "=", value: "" }], 2],
    [[{ label: "__name__", op: "=", value: "nosuch" }], 0],
  ] as const)("%j selects %i", (matchers, count) => expect(store.select(matchers)).toHaveLength(count));
});

describe("the version", () => {
  it("grows when a series comes or goes, and only then", () => {
    const store = createStore();
    const before = store.version;
    const old = store.series({ __name__: "old" });
    expect(store.version).toBeGreaterThan(before);
    const live = store.series({ __name__: "live" });
    old?.append(0, 1);
    live?.append(0, 1);
    const both = store.version;
    store.series({ __name__: "old" });
    for (let at = 1000; at <= 50_000; at += 1000) live?.append(at, at);
    expect(store.version).toBe(both);
    for (let at = 51_000; at <= 70_000; at += 1000) live?.append(at, at);
    expect(store.version).toBeGreaterThan(both);
  });
});
