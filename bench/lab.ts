import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { every, sleep, systemClock } from "../runtime/clock.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { createLab, type Lab } from "../lab/control/lab.ts";
import type { Result } from "../lab/drill/result.ts";
import type { DrillState } from "../lab/drill/state.ts";
import { answerThePage } from "../lab/responders/on-call.ts";

/**
 * `npm run bench`: how long people wait for the lab, what it costs, and how good its alerts are, measured on
 * every scenario with the responder at work, and then on ten quiet minutes with an innocent deployment. Prints tables with
 * the bar beside each figure. `-- lantern thistle` measures only these, `-- quiet` only the quiet minutes.
 */

interface Measured {
  readonly scenario: string;
  readonly steadySeconds: number;
  readonly impactSeconds: number;
  readonly pageSeconds: number;
  readonly checkSeconds: number;
  readonly totalSeconds: number;
  readonly resetMs: number;
  readonly pssMb: number;
  readonly cores: number;
  readonly alerts: Result["alerts"];
}

const BARS = {
  steadySeconds: 5,
  impactSeconds: 10,
  pageSeconds: 15,
  checkSeconds: 15,
  totalSeconds: 120,
  resetMs: 2000,
  pssMb: 500,
  cores: 1,
} as const;
/** From the first request that failed to the page. */
const PAGE_WITHIN_SECONDS = 15;
const QUIET_MINUTES = 10;
const DEPLOY_AT_MINUTE = 3;

const HOLD_MS = 10_000;

const startLab = (home: string): Promise<Lab> =>
  createLab(
    {
      home,
      dist: join(dirname(fileURLToPath(import.meta.url)), ".."),
      portBase: undefined,
      seed: 1,
      searchPath: process.env["PATH"] ?? "",
    },
    { clock: systemClock, onStale: () => {}, onDown: () => {} },
  );

async function measure(scenario: Scenario, home: string): Promise<Measured> {
  const begun = systemClock.wall();
  const stop = new AbortController();
  const lab = await startLab(home);
  let pssMb = 0;
  const cost = { from: 0, ticks: 0, cores: 0 };
  const stopSampling = every(systemClock, 5000, () => void sample().catch(() => {}));
  async function sample(): Promise<void> {
    const pids = [process.pid, ...(await lab.client.units()).flatMap(({ pid }) => pid ?? [])];
    pssMb = Math.max(
      pssMb,
      pids.reduce((sum, pid) => sum + pssOf(pid), 0),
    );
    // CPU while traffic is steady; a restart in between would lose a process's ticks.
    if (run.drill.state.phase !== "briefing" && cost.cores === 0) {
      const ticks = pids.reduce((sum, pid) => sum + ticksOf(pid), 0);
      if (cost.from === 0) Object.assign(cost, { from: systemClock.now(), ticks });
      else if (systemClock.now() - cost.from > 4000)
        cost.cores = (ticks - cost.ticks) / TICKS_PER_SECOND / ((systemClock.now() - cost.from) / 1000);
    }
  }
  const run = lab.drill(
    { scenario, seed: 1, timeLimitMs: null, fault: true, onEvent: () => {} },
    stop.signal,
  );
  try {
    const checks = timedChecks(lab);
    while (run.drill.state.steadyAt === null && run.drill.state.reason === null)
      await sleep(systemClock, 250);
    const responder = answerThePage(checks.client, {
      clock: systemClock,
      signal: stop.signal,
      say: () => {},
      waitMs: 150_000,
    });
    await Promise.race([responder, run.result]);
    run.drill.end("solved");
    const { alerts } = await run.result;
    const { state } = run.drill;
    return {
      scenario: scenario.id,
      steadySeconds: seconds((state.steadyAt ?? 0) - HOLD_MS - begun),
      impactSeconds: since(state, state.impactAt),
      pageSeconds: since(state, state.pagedAt),
      checkSeconds: checks.longestSeconds(),
      totalSeconds: seconds(systemClock.wall() - begun),
      resetMs: state.reset?.ms ?? Number.NaN,
      pssMb,
      cores: cost.cores,
      alerts,
    };
  } finally {
    stopSampling();
    stop.abort(new Error("measured"));
    await lab.close();
  }
}

/** Ten minutes without a fault, with a deployment among them. Resolves with the alerts that paged. */
async function measureQuiet(home: string): Promise<readonly string[]> {
  const [, scenario] = SCENARIOS;
  if (!scenario) throw new Error("there is no scenario");
  const stop = new AbortController();
  const lab = await startLab(home);
  try {
    const run = lab.drill(
      { scenario, seed: 1, timeLimitMs: null, fault: false, onEvent: () => {} },
      stop.signal,
    );
    run.result.catch(() => {});
    while (run.drill.state.steadyAt === null) await sleep(systemClock, 250);
    for (let minute = 0; minute < QUIET_MINUTES; minute++) {
      process.stderr.write(`quiet minute ${minute + 1} of ${QUIET_MINUTES} ...\n`);
      if (minute === DEPLOY_AT_MINUTE) {
        await lab.client.act({ do: "unit config", unit: "web-2", set: { version: "4.2.9" } });
        await lab.client.act({ do: "unit restart", unit: "web-2" });
      }
      await sleep(systemClock, 60_000);
    }
    const { falsePages, page } = run.drill.state;
    return [...falsePages, ...(page ? [page.alert] : [])];
  } finally {
    stop.abort(new Error("measured"));
    await lab.close();
  }
}

/** The lab's client, with a timer on its checks. */
function timedChecks(lab: Lab) {
  let longest = 0;
  return {
    client: {
      ...lab.client,
      async check() {
        const begun = systemClock.now();
        const seen = await lab.client.check();
        longest = Math.max(longest, systemClock.now() - begun);
        return seen;
      },
    },
    longestSeconds: () => seconds(longest),
  };
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
const since = ({ changedAt }: DrillState, at: number | null): number =>
  seconds((at ?? Number.NaN) - (changedAt ?? Number.NaN));

const TICKS_PER_SECOND = 100;

function pssOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // gone meanwhile
  }
}

function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  } catch {
    return 0; // gone meanwhile
  }
}

const wanted = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), "lblab-bench-"));
const rows: Measured[] = [];
for (const scenario of SCENARIOS) {
  if (wanted.length > 0 && !wanted.includes(scenario.alias) && !wanted.includes(scenario.id)) continue;
  process.stderr.write(`${scenario.id} ...\n`);
  rows.push(await measure(scenario, home));
}
const quiet = wanted.length === 0 || wanted.includes("quiet") ? await measureQuiet(home) : undefined;
rmSync(home, { recursive: true, force: true });

const names = Object.keys(BARS) as (keyof typeof BARS)[];
console.log(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB\n`,
);
console.log(["scenario".padEnd(16), ...names.map((name) => name.padStart(14))].join(""));
for (const row of rows)
  console.log([row.scenario.padEnd(16), ...names.map((name) => row[name].toFixed(1).padStart(14))].join(""));
console.log(["bar".padEnd(16), ...names.map((name) => `<= ${BARS[name]}`.padStart(14))].join(""));

console.log(`\n${"scenario".padEnd(16)}${"page".padEnd(20)}${"s after first failure".padEnd(23)}fired`);
for (const { scenario, alerts } of rows)
  console.log(
    `${scenario.padEnd(16)}${(alerts.page ?? "none").padEnd(20)}${String(alerts.secondsFromFirstFailure).padEnd(23)}${alerts.fired.join(", ")}${alerts.asExpected ? "" : "  (not as expected)"}`,
  );
if (quiet)
  console.log(`${QUIET_MINUTES} quiet minutes with a deployment: ${quiet.join(", ") || "nobody paged"}`);

const missed = [
  ...rows.flatMap((row) =>
    names.filter((name) => !(row[name] <= BARS[name])).map((name) => `${row.scenario} ${name}`),
  ),
  ...rows
    .filter(({ alerts }) => !((alerts.secondsFromFirstFailure ?? Infinity) <= PAGE_WITHIN_SECONDS))
    .map(({ scenario }) => `${scenario} paged within ${PAGE_WITHIN_SECONDS} s`),
  ...rows.filter(({ alerts }) => !alerts.asExpected).map(({ scenario }) => `${scenario} alerts as expected`),
  ...(quiet ?? []).map((alert) => `no false page (${alert})`),
];
console.log(missed.length === 0 ? "\nevery bar is met" : `\nnot met: ${missed.join(", ")}`);
process.exit(0);
