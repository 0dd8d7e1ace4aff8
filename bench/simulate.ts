import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { messageOf } from "../runtime/errors.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { met, reported, type Figure } from "./bars/bar.ts";
import type { BareCost, BareRun } from "./simulate/bare.ts";
import type { IncidentCost, StartCost } from "./simulate/incident.ts";

/**
 * `npm run bench:simulate [-- --only engine|memory|start|SCENARIO ...] [--beside DIRECTORY] [--json]`: what a simulated
 * request costs and how much faster than the outage an incident is replayed, each figure beside its bar, by processor
 * time, without other processes'. With `--beside` also the same of another checkout that is built, part by part in turn:
 * times of two runs on a machine that does other things say nothing. Exit code 0 when all bars are met by this one, 4 when
 * one is missed, 2 for a wrong argument.
 */

const PER_SECOND_BAR = 150_000;
const GROWTH_BAR = 2;
const FACTOR_BAR = 1000;
/** The reachable heap varies a little with the requests in flight. */
const FLAT_BAR = 1.1;
const HOUR = 3600;
const START_BAR_MS = 500;
/** The least of so many starts: what else the machine does only makes them slower. */
const STARTS = 5;
const PART = join("dist", "bench", "simulate", "part.js");
const HERE = join(import.meta.dirname, "..", "..");

/** Measures one part in a process of its own, as cold as every run of the command is, of some checkout that is built. */
type Measure = <Cost>(...args: readonly string[]) => Promise<Cost>;
type Part = { readonly name: string; readonly run: (measure: Measure) => Promise<readonly Figure[]> };

const atLeast = (what: string, value: number, unit: string, than: number): Figure => ({
  what,
  value,
  unit,
  bar: { is: "at least", than },
});
const atMost = (what: string, value: number, unit: string, than: number): Figure => ({
  what,
  value,
  unit,
  bar: { is: "at most", than },
});

const ENGINE: Part = {
  name: "engine",
  async run(measure) {
    const bare = (run: BareRun): Promise<BareCost> => measure("bare", JSON.stringify(run));
    // As many requests each, and at the same rate: the cost of compiling and setting up is the same, and only the number
    // of upstreams makes the difference ...
    const requests = 400_000;
    const ten = await bare({ upstreams: 10, users: 500, requests, requestsPerSecond: 800 });
    const many = await bare({ upstreams: 10_000, users: 1_000_000, requests, requestsPerSecond: 800 });
    // ... and with a thousand requests in flight at a time.
    const busy = await bare({
      upstreams: 10_000,
      users: 1_000_000,
      requests,
      requestsPerSecond: 20_000,
    });
    const rate = ({ requests, cpuMs }: BareCost): number => (requests * 1000) / cpuMs;
    return [
      atLeast("10 upstreams", rate(ten), "requests a CPU second", PER_SECOND_BAR),
      reported("10,000 upstreams, a million users", rate(many), "requests a CPU second"),
      reported("the same at 25 times the load", rate(busy), "requests a CPU second"),
      reported("their heap", busy.heapMb.at(-1) ?? Number.NaN, "MB"),
      {
        what: "cost of a request from 10 to 10,000 upstreams",
        value: rate(ten) / rate(many),
        unit: "times",
        bar: { is: "under", than: GROWTH_BAR },
      },
      atMost("requests that failed", ten.failed + many.failed + busy.failed, "", 0),
    ];
  },
};

const MEMORY: Part = {
  name: "memory",
  async run(measure) {
    const run: BareRun = { upstreams: 10, users: 500, requests: 4 * HOUR * 100, requestsPerSecond: 100 };
    const { heapMb } = await measure<BareCost>("bare", JSON.stringify(run));
    return [
      ...heapMb.map((mb, i) => reported(`after hour ${i + 1} of 100 requests a second`, mb, "MB")),
      atMost(
        "the fourth hour's over the first's",
        (heapMb[3] ?? NaN) / (heapMb[0] ?? NaN),
        "times",
        FLAT_BAR,
      ),
    ];
  },
};

const incident = (scenario: Scenario): Part => ({
  name: scenario.id,
  async run(measure) {
    const cost = await measure<IncidentCost>("incident", scenario.id);
    const { virtualSeconds, requests, cpuMs, wallMs } = cost;
    const outageMs = scenario.report.minutes.restore * 60_000;
    return [
      reported("the outage", outageMs / 60_000, "min"),
      reported("replayed with what comes before and after it", virtualSeconds, "virtual s"),
      reported("requests", requests),
      reported("wall time, loading included", wallMs, "ms"),
      reported("processor time of all threads, loading included", cpuMs, "ms"),
      reported("of it for each request", (cpuMs * 1000) / requests, "µs"),
      atLeast("faster than the outage", outageMs / cpuMs, "times", FACTOR_BAR),
    ];
  },
});

/** After half an hour of traffic the judge drops as much as it gathers. */
const LONGEST: Part = {
  name: "incident-memory",
  async run(measure) {
    const longest = SCENARIOS.toSorted((a, b) => b.report.minutes.restore - a.report.minutes.restore)[0];
    const { heapMb } = await measure<IncidentCost>("incident", longest?.id ?? "", "heap");
    const known = heapMb.slice(3);
    return [
      reported(`${longest?.id}, after an hour`, known[0] ?? NaN, "MB"),
      reported("at its end", known.at(-1) ?? NaN, "MB"),
      atMost("the end's over the first hour's", (known.at(-1) ?? NaN) / (known[0] ?? NaN), "times", FLAT_BAR),
    ];
  },
};

const START: Part = {
  name: "start",
  async run(measure) {
    const least: StartCost = { startMs: Infinity, startCpuMs: Infinity };
    for (let i = 0; i < STARTS; i++) {
      const { startMs, startCpuMs } = await measure<StartCost>("start", SCENARIOS[0]?.id ?? "");
      least.startMs = Math.min(startMs, least.startMs);
      least.startCpuMs = Math.min(startCpuMs, least.startCpuMs);
      // It took the part's name for an incident's.
      if (Number.isNaN(least.startMs)) throw new Error("that checkout does not measure its start");
    }
    return [
      atMost("a new process at its first virtual second", least.startMs, "ms", START_BAR_MS),
      reported("processor time until then", least.startCpuMs, "ms"),
    ];
  },
};

const PARTS: readonly Part[] = [ENGINE, MEMORY, START, ...SCENARIOS.map(incident), LONGEST];

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return 2;
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      beside: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const unknown = values.only.find((name) => !PARTS.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new Error(`--only: there is no ${unknown}; there is ${PARTS.map(({ name }) => name).join(", ")}`);
  const chosen = PARTS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  if (!values.json) console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`);
  const parts: Measured[] = [];
  for (const { name, run } of chosen) {
    const beside =
      values.beside === undefined
        ? undefined
        : await run(measureOf(resolve(values.beside))).catch(unknownThere);
    const figures = await run(measureOf(HERE));
    parts.push({ name, figures, beside });
    if (!values.json) show({ name, figures, beside });
  }
  const missed = parts.filter(({ figures }) => !figures.every(met)).map(({ name }) => name);
  if (values.json) {
    const withVerdicts = parts.map(({ name, figures, beside }) => ({
      name,
      figures: figures.map((figure, i) => ({
        ...figure,
        met: met(figure),
        ...(beside && { beside: beside[i]?.value }),
      })),
    }));
    console.log(
      JSON.stringify({ schemaVersion: 1, node: process.version, parts: withVerdicts }, undefined, 2),
    );
  } else console.log(missed.length === 0 ? "\nevery bar is met" : `\nnot met: ${missed.join(", ")}`);
  return missed.length === 0 ? 0 : 4;
}

interface Measured {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** The same of the other checkout; undefined without one, empty where it does not know the part. */
  readonly beside: readonly Figure[] | undefined;
}

function inFigures(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 2 : 0 });
}

function show({ name, figures, beside }: Measured): void {
  console.log(`\n${name}`);
  for (const [i, figure] of figures.entries()) {
    const { what, value, unit, bar } = figure;
    const verdict = bar === undefined ? "" : `  (${bar.is} ${bar.than}: ${met(figure) ? "met" : "MISSED"})`;
    const there = beside?.[i];
    const was =
      there === undefined
        ? ""
        : `  (there ${inFigures(there.value)}: ${(value / there.value).toFixed(2)} of it)`;
    console.log(`  ${what.padEnd(48)} ${inFigures(value).padStart(10)} ${unit}${was}${verdict}`);
  }
}

/** An older checkout may not have every part. */
function unknownThere(error: unknown): readonly Figure[] {
  process.stderr.write(`beside: ${messageOf(error).split("\n")[0] ?? ""}\n`);
  return [];
}

function measureOf(checkout: string): Measure {
  return async <Cost>(...args: readonly string[]): Promise<Cost> => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(checkout, PART), ...args]);
    return JSON.parse(stdout) as Cost;
  };
}
