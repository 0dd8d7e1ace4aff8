import { BlockList, isIP } from "node:net";
import { every, sleep, type Clock } from "../../../runtime/clock.ts";
import { CodedError, EXIT } from "../../../runtime/errors.ts";
import { openConnection } from "../../load/connection.ts";
import { startLoad } from "../../load/load.ts";
import { createLatencies } from "../../load/latencies.ts";
import { createTally } from "../../load/tally.ts";
import type { Output } from "../output.ts";
import { loadResult, resultText, type LoadResult } from "./load-result.ts";

/** What was typed, as text; absent means the default. */
export interface LoadFlags {
  readonly url?: string;
  readonly rate?: string;
  readonly connections?: string;
  readonly duration?: string;
}

export interface LoadCommandDeps {
  readonly clock: Clock;
  readonly output: Output;
  /** Aborted by the first Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Without --url: the listener of the lab that is meant. */
  readonly defaultUrl: string;
}

const TIMEOUT_MS = 10_000;
/** How long it waits for the last answers. */
const GRACE_MS = 2_000;
const PROGRESS_EVERY_MS = 5_000;
/** Beyond this many connections they only take memory: each then sends several requests a second. */
const CONNECTIONS_BY_DEFAULT = 200;
/** Sending less than this part of the wanted load is an error: it would be another load. */
const SENT_AT_LEAST = 0.95;
const LIMITS = { rate: 50_000, connections: 2_000, duration: 600 };

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * `lblab load`: a steady number of requests a second against a URL of this machine, for a while. Returns the exit
 * code, 3 when nothing answered and 4 when less was sent than `--rate` says; throws `USAGE` for other targets and rates.
 */
export async function loadCommand(
  flags: LoadFlags,
  { clock, output, interrupted, defaultUrl }: LoadCommandDeps,
): Promise<number> {
  const url = target(flags.url ?? defaultUrl);
  const rate = wholeNumber("--rate", flags.rate ?? "100", LIMITS.rate);
  const durationSeconds = wholeNumber("--duration", flags.duration ?? "10", LIMITS.duration);
  const connections = connectionsFor(flags.connections, rate);

  const latencies = createLatencies();
  const tally = createTally((ms) => latencies.record(ms));
  const startedAt = new Date(clock.wall()).toISOString();
  const began = clock.now();
  const elapsedSeconds = () => (clock.now() - began) / 1000;
  output.note(
    `${rate} requests a second to ${url.href} for ${durationSeconds} s, ${connections} connections`,
  );
  const path = url.pathname + url.search;
  const load = startLoad(
    {
      url: url.href,
      requestsPerSecond: rate,
      connections,
      timeoutMs: TIMEOUT_MS,
      next: () => ({ path, headers: {} }),
    },
    { clock, open: openConnection, tally },
  );
  const stopProgress = every(clock, PROGRESS_EVERY_MS, showProgress);
  await pause(durationSeconds * 1000);
  // The last turn of the last second belongs to the measurement; its answer may come after it.
  const measuredSeconds = elapsedSeconds();
  load.finish();
  await answersOrGrace();
  load.stop();
  stopProgress();

  const result = loadResult({
    url,
    startedAt,
    rate,
    connections,
    durationSeconds,
    measuredSeconds,
    isInterrupted: interrupted.aborted,
    totals: tally.totals(),
    latencies: latencies.summary(),
  });
  if (output.json) output.printJson(result);
  else output.print(resultText(result, output.width));
  return interrupted.aborted ? EXIT.interrupted : exitCodeOf(result, output);

  async function pause(ms: number): Promise<void> {
    // Aborted: what was measured so far is the result.
    await sleep(clock, ms, interrupted).catch(() => {});
  }

  async function answersOrGrace(): Promise<void> {
    const end = clock.now() + GRACE_MS;
    while (!interrupted.aborted && tally.totals().inFlight > 0 && clock.now() < end) await pause(20);
  }

  function showProgress() {
    const { sent, answered, failed } = tally.totals();
    const seconds = Math.round(elapsedSeconds());
    output.note(`${seconds} s: ${sent} sent, ${answered} answered, ${failed} failed`);
  }
}

/** Each connection sends at least one request a second. */
function connectionsFor(given: string | undefined, rate: number): number {
  const wanted =
    given === undefined ? CONNECTIONS_BY_DEFAULT : wholeNumber("--connections", given, LIMITS.connections);
  return Math.min(rate, wanted);
}

/** Load is for one's own machine: anything but the loopback is refused before a packet leaves. */
function target(text: string): URL {
  let url: URL;
  try {
    url = new URL(/^https?:/i.test(text) ? text : `http://${text}`);
  } catch (cause) {
    throw new CodedError("USAGE", `--url ${text}: not a URL`, { cause });
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const local = family === 0 ? host === "localhost" : loopback.check(host, family === 4 ? "ipv4" : "ipv6");
  if (!local)
    throw new CodedError("USAGE", `--url ${text}: ${host} is not this machine`, {
      hint: "load goes to 127.0.0.1, [::1] or localhost only",
    });
  url.hash = "";
  return url;
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= most) return value;
  throw new CodedError("USAGE", `${flag} ${text}: must be a whole number from 1 to ${most}`);
}

/** Prints why the load was not what was asked for, if it was not. */
function exitCodeOf(result: LoadResult, output: Output): number {
  if (result.answered === 0) {
    output.note(`nothing answered at ${result.url}`);
    return EXIT.environment;
  }
  if (result.sent < SENT_AT_LEAST * result.offered.requests) {
    output.note(
      `only ${result.sent} of the ${result.offered.requests} requests that were asked for could be sent: each connection waits for its answer; --connections N allows more at a time`,
    );
    return EXIT.notSolved;
  }
  return EXIT.ok;
}
