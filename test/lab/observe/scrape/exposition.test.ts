import { Counter, Gauge, Histogram, Registry } from "prom-client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ExpositionError,
  parseSeries,
  readExposition,
  type ExposedSample,
} from "../../../../lab/observe/scrape/exposition.ts";
import { readMetadata } from "../../../../lab/observe/scrape/metadata.ts";

function samplesOf(text: string): ExposedSample[] {
  const samples: ExposedSample[] = [];
  readExposition(text, (sample) => samples.push(sample));
  return samples;
}

/** prom-client writes no sign before a zero. */
const unsigned = (value: number): number => (value === 0 ? 0 : value);

describe("a text exposition", () => {
  it("is cut into series, value and time", () => {
    expect(
      samplesOf('# HELP a of a\n# TYPE a gauge\na 1\n\n  a{b="c"}   2.5e3 \t1700000000000\na 3'),
    ).toEqual([
      { series: "a", value: 1, atMs: undefined },
      { series: 'a{b="c"}', value: 2500, atMs: 1_700_000_000_000 },
      { series: "a", value: 3, atMs: undefined },
    ]);
  });

  it.each([
    ["NaN", Number.NaN],
    ["nan", Number.NaN],
    ["+Inf", Infinity],
    ["Inf", Infinity],
    ["-Inf", -Infinity],
    ["-0", -0],
    [".5", 0.5],
    ["5.", 5],
    ["1e-300", 1e-300],
  ])("has the value %s", (text, value) => {
    expect(samplesOf(`a ${text}\n`)).toEqual([{ series: "a", value, atMs: undefined }]);
  });

  it.each([
    "a",
    "a ",
    "a one",
    "a 1x",
    "a 0x1",
    "a 1_000",
    "a 1 then",
    "a 1 2 3",
    '{b="c"',
    'a{b="c"}',
    "a ∞",
  ])("that has the line %j is none", (line) => {
    expect(() => samplesOf(`fine 1\n${line}\nfine 2\n`)).toThrow(ExpositionError);
    expect(() => samplesOf(`fine 1\n${line}\nfine 2\n`)).toThrow("line 2 ");
  });

  it("may hold braces, spaces, commas and hashes in its labels", () => {
    const [sample] = samplesOf('a{b="} 1, # {",c="d e"} 7\n');
    expect(sample?.value).toBe(7);
    expect(parseSeries(sample?.series ?? "")).toEqual({ __name__: "a", b: "} 1, # {", c: "d e" });
  });

  it.each([
    'a{b="c}',
    "a{b=c}",
    'a{b="c" d="e"}',
    'a{b="c",b="d"}',
    'a{1b="c"}',
    'a b{c="d"}',
    'a{b="c"}}',
    '{b="c"}',
  ])("has no series %s", (series) => {
    expect(() => parseSeries(series)).toThrow(ExpositionError);
  });

  it("may have labels that are called as every object's fields are", () => {
    expect(parseSeries('a{constructor="b",toString=""}')).toEqual({ __name__: "a", constructor: "b" });
    expect(() => parseSeries('a{valueOf="b",valueOf="c"}')).toThrow(ExpositionError);
  });

  it("leaves out labels that are empty, and takes a comma at the end and blanks in between", () => {
    expect(parseSeries('a{ b = "c" , d="", e="f",}')).toEqual({ __name__: "a", b: "c", e: "f" });
  });

  it("gives back whatever prom-client was given, for any label value and number", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.double().map(unsigned)), {
          minLength: 1,
          maxLength: 5,
        }),
        async (reported) => {
          const registry = new Registry();
          const gauge = new Gauge({ name: "g", help: "h", labelNames: ["text"], registers: [registry] });
          const wanted = new Map(reported);
          for (const [text, value] of wanted) gauge.set({ text }, value);
          const got = new Map(
            samplesOf(await registry.metrics()).map(({ series, value }) => [
              parseSeries(series)["text"] ?? "",
              value,
            ]),
          );
          expect(got).toEqual(wanted);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("has prom-client's metadata of its metrics, too", async () => {
    const registry = new Registry();
    const registers = [registry];
    const requests = new Counter({ name: "requests_total", help: "back\\slash and\nline", registers });
    const seconds = new Histogram({ name: "seconds", help: "s", buckets: [1], registers });
    requests.inc();
    seconds.observe(2);
    expect(readMetadata(await registry.metrics())).toEqual([
      { metric: "requests_total", type: "counter", help: "back\\slash and\nline" },
      { metric: "seconds", type: "histogram", help: "s" },
    ]);
  });
});
