import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { addedP50Ms, barsOf, wrongOf } from "./peers/bars.ts";
import { installed } from "./peers/contender.ts";
import { createContenders } from "./peers/contenders.ts";
import { PAYLOADS } from "./peers/payloads.ts";
import type { Measurement } from "./peers/measure.ts";
import { createPinnedPrograms } from "./peers/pinned.ts";
import { median, race, STAGES } from "./peers/race.ts";

/**
 * `npm run bench:peers [-- --quick] [--json] [--rounds N] [--only NAME]... [--at full|same|half]... [--rate N]
 * [--beside DIR]`: our balancer beside nginx, HAProxy and the proxies that Node has, each with the same core to itself, the
 * load and the upstream on another, in turn and again and again. `--beside` adds the balancer of another build, by its
 * `dist`: that of the state before. Linux only. Exits with 4 when a bar is not met, with 3 where it cannot be run.
 */

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    rounds: { type: "string" },
    only: { type: "string", multiple: true },
    payload: { type: "string", multiple: true },
    at: { type: "string", multiple: true },
    rate: { type: "string", default: "8000" },
    beside: { type: "string" },
  },
});

const searchPath = process.env["PATH"] ?? "";
const here = dirname(fileURLToPath(import.meta.url));
const cores = { proxy: 0, load: 1 };

function lacking(): string | undefined {
  if (process.platform !== "linux") return "this reads /proc, which only Linux has";
  if (cpus().length < 2) return "this needs two cores: one for the proxy, one for the load";
  return installed("taskset", searchPath) === undefined ? "taskset (util-linux) is not installed" : undefined;
}

const lack = lacking();
if (lack !== undefined) {
  process.stderr.write(`bench:peers cannot run here: ${lack}\n`);
  process.exit(3);
}

/** `half` is reckoned from `full`. */
const stages = new Set(STAGES.filter((stage) => flags.at?.includes(stage) ?? true));
if (stages.has("half")) stages.add("full");

const settings = {
  stages,
  rate: Number(flags.rate),
  payloads: flags.payload ?? (flags.quick ? ["1 KB GET"] : [...PAYLOADS.keys()]),
  rounds: Number(flags.rounds ?? (flags.quick ? 2 : 5)),
  connections: 64,
  warm: { ms: 1000, requests: 15_000 },
  measured: flags.quick ? { ms: 1500, requests: 5000 } : { ms: 3000, requests: 10_000 },
  cores,
  node: process.execPath,
  programs: join(here, "peers"),
};
const contenders = createContenders({
  searchPath,
  user: userInfo().username,
  node: process.execPath,
  dist: join(here, ".."),
  beside: flags.beside === undefined ? undefined : resolve(flags.beside),
}).filter(({ name }) => flags.only?.includes(name) ?? true);

const programs = createPinnedPrograms();
const dir = mkdtempSync(join(tmpdir(), "lblab-peers-"));
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => void programs.end().finally(() => process.exit(130)));
async function measureAll() {
  try {
    const say = (text: string) => void process.stderr.write(`${text} ...\n`);
    return await race(contenders, { ...settings, dir }, { programs, say });
  } finally {
    await programs.end();
    rmSync(dir, { recursive: true, force: true });
  }
}
const { scores, missing } = await measureAll();
const bars = barsOf(scores);
const machine = `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}, Linux ${kernel()}`;

function kernel(): string {
  return readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
}

const rows = scores.flatMap((score) =>
  Array.from(score.full, ([payload, rounds]) => ({ payload, ...rowOf(score.contender, rounds) })),
);
/** A contender that cannot give the rate is full: its row has the rate that it gave. */
const same = scores.flatMap(({ contender, same: rounds }) =>
  rounds.length === 0 ? [] : [rowOf(contender, rounds)],
);

type Row = ReturnType<typeof rowOf>;

function rowOf(contender: string, rounds: readonly Measurement[]) {
  const of = (pick: (round: Measurement) => number) => median(rounds.map(pick));
  const cpu = rounds.map((round) => round.cpuMicrosPerRequest);
  return {
    contender,
    requestsPerSecond: Math.round(of((round) => round.requestsPerSecond)),
    cpuMicrosPerRequest: rounded(of((round) => round.cpuMicrosPerRequest)),
    cpuMicrosLowest: rounded(Math.min(...cpu)),
    cpuMicrosHighest: rounded(Math.max(...cpu)),
    busyPercent: Math.round(of((round) => round.busyRatio) * 100),
    p50Ms: rounded(of((round) => round.p50Ms)),
    p99Ms: rounded(of((round) => round.p99Ms)),
    pssMb: rounded(of((round) => round.pssMb)),
    wrong: rounds.reduce((sum, { wrong }) => sum + Object.values(wrong).reduce((a, b) => a + b, 0), 0),
  };
}

const half = scores
  .filter((score) => score.half.length > 0)
  .map((score) => ({
    contender: score.contender,
    rate: Math.round(median(score.half.map(({ through }) => through.requestsPerSecond))),
    addedP50Ms: rounded(addedP50Ms(score)),
    p99Ms: rounded(median(score.half.map(({ through }) => through.p99Ms))),
    wrong: wrongOf(score),
  }));

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

if (flags.json) {
  const { rounds, connections, measured } = settings;
  console.log(
    JSON.stringify({
      schemaVersion: 1,
      machine,
      rounds,
      connections,
      measured,
      rows,
      rate: settings.rate,
      same,
      half,
      bars,
      missing,
    }),
  );
} else print();
if (bars.some(({ met }) => met === false)) process.exitCode = 4;

function print(): void {
  const { rounds, connections, measured } = settings;
  console.log(
    `${machine}\n${connections} connections, ${rounds} rounds of ${measured.ms / 1000} s and ${measured.requests} requests at least, medians\n`,
  );
  const widths = [30, 12, 10, 10, 16, 8, 9, 9, 9, 7];
  const line = (cells: readonly (string | number)[]) =>
    console.log(
      cells
        .map((cell, i) =>
          i < 2 ? String(cell).padEnd(widths[i] ?? 0) : String(cell).padStart(widths[i] ?? 0),
        )
        .join(""),
    );
  line(["", "", "requests/s", "CPU us", "lowest-highest", "core %", "p50 ms", "p99 ms", "MB", "wrong"]);
  const measuredRow = (what: string, row: Row) =>
    line([
      row.contender,
      what,
      row.requestsPerSecond,
      row.cpuMicrosPerRequest.toFixed(1),
      `${row.cpuMicrosLowest.toFixed(1)}-${row.cpuMicrosHighest.toFixed(1)}`,
      row.busyPercent,
      row.p50Ms.toFixed(2),
      row.p99Ms.toFixed(2),
      row.pssMb.toFixed(0),
      row.wrong,
    ]);
  for (const payload of settings.payloads)
    for (const row of rows.filter((each) => each.payload === payload)) measuredRow(payload, row);
  if (same.length > 0) console.log(`\n${settings.payloads[0]}, all at ${settings.rate} requests a second`);
  for (const row of same) measuredRow(`at ${settings.rate}/s`, row);
  if (half.length > 0)
    console.log(
      `\n${`${settings.payloads[0]} at half load`.padEnd(34)}requests/s  added p50 ms   p99 ms  wrong`,
    );
  for (const { contender, rate, addedP50Ms: added, p99Ms, wrong } of half)
    console.log(
      `${contender.padEnd(34)}${String(rate).padStart(10)}${added.toFixed(2).padStart(14)}${p99Ms.toFixed(2).padStart(9)}${String(wrong).padStart(7)}`,
    );
  console.log();
  for (const { name, value, bar, aim, met } of bars) {
    const verdict = met === undefined ? "not measured" : met ? "met" : "NOT MET";
    const beyond = aim === undefined ? "" : `, aim ${aim}`;
    console.log(
      `${name.padEnd(48)}${(value?.toFixed(2) ?? "-").padStart(7)}   bar ${bar}${beyond}: ${verdict}`,
    );
  }
  for (const one of missing) console.log(`missing: ${one.contender}: ${one.missing}`);
}
