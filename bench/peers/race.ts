import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { sleep, systemClock } from "../../runtime/clock.ts";
import type { Contender } from "./contender.ts";
import type { Order, Span } from "./load-process.ts";
import { measure, type Measurement } from "./measure.ts";
import type { PinnedPrograms } from "./pinned.ts";

/** What can be measured: at full load, all at one and the same rate, each at half of its full rate. */
export const STAGES = ["full", "same", "half"] as const;
export type Stage = (typeof STAGES)[number];

export interface RaceSettings {
  /** `half` needs `full`. */
  readonly stages: ReadonlySet<Stage>;
  /** Requests a second of `same`. */
  readonly rate: number;
  readonly payloads: readonly string[];
  readonly rounds: number;
  readonly connections: number;
  readonly warm: Span;
  readonly measured: Span;
  readonly cores: { readonly proxy: number; readonly load: number };
  /** For `upstream-process.js` and `load-process.js`. */
  readonly node: string;
  readonly programs: string;
  /** For the contenders' files. */
  readonly dir: string;
}

/** A contender's measurements, one a round: at full load per payload, at the one rate, and at half of its full rate. */
export interface Score {
  readonly contender: string;
  readonly with: string;
  readonly full: ReadonlyMap<string, readonly Measurement[]>;
  /** With the first payload. */
  readonly same: readonly Measurement[];
  /** With the first payload, and what the upstream alone takes at the same rate. */
  readonly half: readonly { readonly through: Measurement; readonly direct: Measurement }[];
}

export interface RaceResult {
  readonly scores: readonly Score[];
  readonly missing: readonly { readonly contender: string; readonly missing: string }[];
}

interface Runner {
  readonly contender: Contender;
  readonly port: number;
  readonly pid: number;
  readonly logPath: string | undefined;
  readonly full: Map<string, Measurement[]>;
  readonly same: Measurement[];
  readonly half: { through: Measurement; direct: Measurement }[];
}

/** How long a contender may take until it accepts. */
const START_MS = 15_000;

/** Measures all contenders in turn, round after round, so that other work of the machine affects all of them. */
export async function race(
  contenders: readonly Contender[],
  settings: RaceSettings,
  { programs, say }: { readonly programs: PinnedPrograms; readonly say: (text: string) => void },
): Promise<RaceResult> {
  const { cores, node, payloads, stages } = settings;
  const helper = (name: string) =>
    programs.start(cores.load, { file: node, args: [join(settings.programs, name)] }, HELPER_STDIO);
  const upstream = helper("upstream-process.js");
  const upstreamPorts = await upstreamPortsOf(upstream);
  const load = helper("load-process.js");
  const { runners, missing } = await startAll(contenders, upstreamPorts, settings, programs);
  const running: RunningRace = { runners, settings, load, say };

  if (stages.has("full")) for (const payload of payloads) await runFull(running, payload);
  const [payload = ""] = payloads;
  if (stages.has("same")) await runSame(running, payload);
  const [port = 0] = upstreamPorts;
  if (stages.has("half")) await runHalf(running, payload, { port, pid: upstream.pid ?? 0 });
  return {
    missing,
    scores: runners.map(({ contender, full, same, half }) => ({
      contender: contender.name,
      with: contender.with,
      full,
      same,
      half,
    })),
  };
}

/** What the stages of a race share. */
interface RunningRace {
  readonly runners: readonly Runner[];
  readonly settings: RaceSettings;
  readonly load: ChildProcess;
  readonly say: (text: string) => void;
}

async function startAll(
  contenders: readonly Contender[],
  upstreamPorts: readonly number[],
  settings: RaceSettings,
  programs: PinnedPrograms,
): Promise<{ readonly runners: readonly Runner[]; readonly missing: RaceResult["missing"] }> {
  const missing: { contender: string; missing: string }[] = [];
  const runners: Runner[] = [];
  for (const contender of contenders) {
    const port = await freePort();
    const dir = join(settings.dir, contender.name.replaceAll(/[^\w.-]+/g, "-"));
    mkdirSync(dir);
    const program = contender.prepare({ port, upstreamPorts, dir });
    if ("missing" in program) {
      missing.push({ contender: contender.name, missing: program.missing });
      continue;
    }
    const output = openSync(join(dir, "output.log"), "a");
    const child = programs.start(settings.cores.proxy, program, ["ignore", output, output], dir);
    closeSync(output);
    await accepts(port, child, dir);
    const logPath = contender.logFile === undefined ? undefined : join(dir, contender.logFile);
    runners.push({ contender, port, pid: child.pid ?? 0, logPath, full: new Map(), same: [], half: [] });
  }
  return { runners, missing };
}

async function runFull({ runners, settings, load, say }: RunningRace, payload: string): Promise<void> {
  for (let round = 1; round <= settings.rounds; round++)
    for (const runner of runners) {
      say(`${payload}, round ${round} of ${settings.rounds}, ${runner.contender.name}`);
      const seen = await measure(load, runner.pid, orderOf(settings, runner.port, payload));
      runner.full.set(payload, [...(runner.full.get(payload) ?? []), seen]);
      emptyLog(runner);
    }
}

async function runSame({ runners, settings, load, say }: RunningRace, payload: string): Promise<void> {
  const { rate, rounds } = settings;
  for (let round = 1; round <= rounds; round++)
    for (const runner of runners) {
      say(`${payload} at ${rate} a second, round ${round} of ${rounds}, ${runner.contender.name}`);
      runner.same.push(await measure(load, runner.pid, orderOf(settings, runner.port, payload, rate)));
      emptyLog(runner);
    }
}

async function runHalf(
  { runners, settings, load, say }: RunningRace,
  payload: string,
  upstream: { readonly port: number; readonly pid: number },
): Promise<void> {
  for (let round = 1; round <= settings.rounds; round++)
    for (const runner of runners) {
      say(`${payload} at half load, round ${round} of ${settings.rounds}, ${runner.contender.name}`);
      const rate = median((runner.full.get(payload) ?? []).map((each) => each.requestsPerSecond)) / 2;
      const through = await measure(load, runner.pid, orderOf(settings, runner.port, payload, rate));
      const direct = await measure(load, upstream.pid, orderOf(settings, upstream.port, payload, rate));
      runner.half.push({ through, direct });
      emptyLog(runner);
    }
}

const orderOf = (
  { connections, warm, measured }: RaceSettings,
  port: number,
  payload: string,
  rate?: number,
): Order => ({ connections, warm, measured, port, payload, ...(rate === undefined ? {} : { rate }) });

const HELPER_STDIO: StdioOptions = ["ignore", "ignore", "inherit", "ipc"];

/** The middle one, or the mean of the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** Throws if nothing was written: the contender would have been measured without its access log. */
function emptyLog({ logPath, contender }: Runner): void {
  if (logPath === undefined) return;
  if (statSync(logPath).size === 0) throw new Error(`${contender.name} wrote no access log`);
  truncateSync(logPath);
}

async function upstreamPortsOf(upstream: ChildProcess): Promise<readonly number[]> {
  const [{ ports }] = (await once(upstream, "message")) as [{ ports: readonly number[] }];
  return ports;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function accepts(port: number, child: ChildProcess, dir: string): Promise<void> {
  const deadline = systemClock.now() + START_MS;
  while (!(await connects(port))) {
    if (child.exitCode === null && systemClock.now() < deadline) {
      await sleep(systemClock, 50);
      continue;
    }
    const why = child.exitCode === null ? "does not accept" : `ended with ${child.exitCode}`;
    throw new Error(`${child.spawnargs.join(" ")} ${why}: ${readFileSync(join(dir, "output.log"), "utf8")}`);
  }
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
