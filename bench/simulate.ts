import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { messageOf } from "../runtime/errors.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { met, reported, type Figure } from "./bars/bar.ts";
import type { BareCost, BareRun } from "./simulate/bare.ts";
import type { IncidentCost } from "./simulate/incident.ts";

/**
 * `npm run bench:simulate [-- --only engine|memory|SCENARIO ...] [--json]`: what a simulated request costs and how much
 * faster than the outage an incident is replayed, each figure beside its bar, by processor time, without
 * other processes'. Exit code 0 when all are met, 4 when one is missed, 2 for a wrong argument.
 */

const PER_SECOND_BAR = 150_000;
const GROWTH_BAR = 2;
const FACTOR_BAR = 1000;
/** The reachable heap varies a little with the requests in flight. */
const FLAT_BAR = 1.1;
const HOUR = 3600;
const PART = join(import.meta.dirname, "simulate", "part.js");

type Part = { readonly name: string; readonly run: () => Promise<readonly Figure[]> };

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
  async run() {
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
  async run() {
    const { heapMb } = await bare({
      upstreams: 10,
      users: 500,
      requests: 4 * HOUR * 100,
      requestsPerSecond: 100,
    });
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
  async run() {
    const { virtualSeconds, requests, cpuMs, wallMs } = await part<IncidentCost>("incident", scenario.id);
    const outageMs = scenario.report.minutes.restore * 60_000;
    return [
      reported("the outage", outageMs / 60_000, "min"),
      reported("replayed with what comes before and after it", virtualSeconds, "virtual s"),
      reported("requests", requests),
      reported("wall time, loading included", wallMs, "ms"),
      reported("processor time of all threads, loading included", cpuMs, "ms"),
      atLeast("faster than the outage", outageMs / cpuMs, "times", FACTOR_BAR),
    ];
  },
});

/** After half an hour of traffic the judge drops as much as it gathers. */
const LONGEST: Part = {
  name: "incident-memory",
  async run() {
    const longest = SCENARIOS.toSorted((a, b) => b.report.minutes.restore - a.report.minutes.restore)[0];
    const { heapMb } = await part<IncidentCost>("incident", longest?.id ?? "", "heap");
    const known = heapMb.slice(3);
    return [
      reported(`${longest?.id}, after an hour`, known[0] ?? NaN, "MB"),
      reported("at its end", known.at(-1) ?? NaN, "MB"),
      atMost("the end's over the first hour's", (known.at(-1) ?? NaN) / (known[0] ?? NaN), "times", FLAT_BAR),
    ];
  },
};

const PARTS: readonly Part[] = [ENGINE, MEMORY, ...SCENARIOS.map(incident), LONGEST];

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return 2;
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  const unknown = values.only.find((name) => !PARTS.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new Error(`--only: there is no ${unknown}; there is ${PARTS.map(({ name }) => name).join(", ")}`);
  const chosen = PARTS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  if (!values.json) console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`);
  const parts: { readonly name: string; readonly figures: readonly Figure[] }[] = [];
  for (const { name, run } of chosen) {
    const figures = await run();
    parts.push({ name, figures });
    if (!values.json) show(name, figures);
  }
  const missed = parts.filter(({ figures }) => !figures.every(met)).map(({ name }) => name);
  if (values.json) {
    const withVerdicts = parts.map(({ name, figures }) => ({
      name,
      figures: figures.map((figure) => ({ ...figure, met: met(figure) })),
    }));
    console.log(
      JSON.stringify({ schemaVersion: 1, node: process.version, parts: withVerdicts }, undefined, 2),
    );
  } else console.log(missed.length === 0 ? "\nevery bar is met" : `\nnot met: ${missed.join(", ")}`);
  return missed.length === 0 ? 0 : 4;
}

function show(name: string, figures: readonly Figure[]): void {
  console.log(`\n${name}`);
  for (const figure of figures) {
    const { what, value, unit, bar } = figure;
    const shown = value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 2 : 0 });
    const verdict = bar === undefined ? "" : `  (${bar.is} ${bar.than}: ${met(figure) ? "met" : "MISSED"})`;
    console.log(`  ${what.padEnd(48)} ${shown.padStart(10)} ${unit}${verdict}`);
  }
}

function bare(run: BareRun): Promise<BareCost> {
  return part("bare", JSON.stringify(run));
}

/** In a process of its own, as cold as every run of the command is. */
async function part<Cost>(...args: readonly string[]): Promise<Cost> {
  const { stdout } = await promisify(execFile)(process.execPath, [PART, ...args]);
  return JSON.parse(stdout) as Cost;
}
