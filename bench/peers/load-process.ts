import { sleep, systemClock } from "../../runtime/clock.ts";
import { createClient, type Client, type Outcome } from "./client.ts";
import { createLatencies } from "./latencies.ts";
import { payloadNamed } from "./payloads.ts";

/**
 * The load, in a process of its own on the load's core. Its parent sends an order, and gets `begin` when the warm-up is
 * over, `end` when the measured time is, and then the figures in between.
 */

/** Over when both are: on a machine that is busy otherwise, a time alone would measure programs that are not warm yet. */
export interface Span {
  readonly ms: number;
  readonly requests: number;
}

export interface Order {
  readonly port: number;
  readonly payload: string;
  readonly connections: number;
  readonly warm: Span;
  readonly measured: Span;
  /** Requests a second, at random moments; absent: each connection sends again as soon as it is answered. */
  readonly rate?: number;
}

export interface Seen {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were not whole and right, by what they were; also those of the warm-up. */
  readonly wrong: Readonly<Record<Exclude<Outcome, "right">, number>>;
}

export type Report = { readonly event: "begin" | "end" } | { readonly event: "seen"; readonly seen: Seen };

const { now, after } = systemClock;

/** After so long the measurement ends, with however many requests. */
const LONGEST_MS = 60_000;
const report = (report: Report) => void process.send?.(report);

async function run({ port, payload, connections, warm, measured, rate }: Order): Promise<void> {
  const clients = await Promise.all(
    Array.from({ length: connections }, () => createClient(port, payloadNamed(payload))),
  );
  const wrong = { "not 200": 0, "wrong body": 0, broken: 0 };
  let latencies = createLatencies();
  let requests = 0;
  let over = false;

  function ask(client: Client, since: number, then: () => void) {
    client.ask((outcome) => {
      if (outcome === "right") {
        requests += 1;
        latencies.add(now() - since);
      } else wrong[outcome] += 1;
      if (!over && outcome !== "broken") then();
    });
  }

  function again(client: Client) {
    ask(client, now(), () => again(client));
  }

  /** Waits for the span, and resolves with the seconds that it took. */
  async function passes({ ms, requests: wanted }: Span): Promise<number> {
    requests = 0;
    latencies = createLatencies();
    const begun = now();
    await sleep(systemClock, ms);
    const short = () => requests < wanted && now() - begun < LONGEST_MS;
    while (short()) await sleep(systemClock, 10);
    return (now() - begun) / 1000;
  }

  if (rate === undefined) clients.forEach(again);
  else pace(clients, rate, ask, () => !over);
  await passes(warm);
  report({ event: "begin" });
  const seconds = await passes(measured);
  const seen = { requests, seconds, p50Ms: latencies.quantile(0.5), p99Ms: latencies.quantile(0.99), wrong };
  over = true;
  report({ event: "end" });
  for (const client of clients) client.close();
  report({ event: "seen", seen });
}

/**
 * Requests at exponential distances. A timer is exact to a millisecond, and requests due within it are sent together: a
 * little burstier than Poisson. A request that finds no free connection waits, and its latency counts from when it was due.
 */
function pace(
  clients: readonly Client[],
  rate: number,
  ask: (client: Client, since: number, then: () => void) => void,
  goesOn: () => boolean,
) {
  const free = [...clients];
  const waiting: number[] = [];
  let due = now();
  function send(client: Client, since: number) {
    ask(client, since, () => {
      const next = waiting.shift();
      if (next === undefined) free.push(client);
      else send(client, next);
    });
  }
  function turn() {
    const until = now();
    for (; due <= until; due += (-Math.log(1 - Math.random()) * 1000) / rate) {
      // The one that has idled longest: none idles until its proxy closes it.
      const client = free.shift();
      if (client) send(client, due);
      else waiting.push(due);
    }
    if (goesOn()) after(1, turn);
  }
  turn();
}

process.on("disconnect", () => process.exit(0));
process.on("message", (order: Order) => void run(order));
