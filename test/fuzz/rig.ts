import { systemClock } from "../../runtime/clock.ts";
import type { EngineName } from "../../lb/transport/engines.ts";
import { startLoneBalancer, sumOf, type LoneBalancer } from "../../bench/bars/lone-balancer.ts";
import { until } from "../../bench/bars/until.ts";
import { readAnswers } from "../conformance/wire/strict-answer.ts";
import { valuesOf } from "../conformance/wire/message.ts";
import type { FuzzInput } from "./corpus.ts";
import { speak } from "./fuzz-client.ts";
import { createFuzzUpstream } from "./fuzz-upstream.ts";
import { faultOfAnswer, faultOfRequest } from "./judge.ts";

/** A balancer's process between a client and an upstream of ours. */
export interface Rig {
  /** Puts an input on the wire under a mark of its own. What was wrong with the result, if anything. */
  run(input: FuzzInput, mark: string): Promise<string | undefined>;
  /** What is wrong once nothing is sent any more: with the process, its log, what is in flight, its descriptors. */
  rest(): Promise<string | undefined>;
  readonly requestsSeen: number;
  close(): Promise<void>;
}

/** Descriptors that may stay open. */
const MAX_MORE_DESCRIPTORS = 5;
const CALM_WITHIN_MS = 10_000;

export async function createRig(engine: EngineName): Promise<Rig> {
  const upstream = await createFuzzUpstream();
  const balancer = await startLoneBalancer({
    listeners: [{ name: "public", bind: "127.0.0.1:0", routes: [{ path: "/", pool: "web" }] }],
    pools: {
      web: {
        policy: { type: "round-robin" },
        retry: { attempts: 0 },
        upstreams: [{ name: "web-1", address: `127.0.0.1:${upstream.port}` }],
      },
    },
    engine,
    // Whatever is left unfinished is to end soon, and by itself.
    timeouts: { responseMs: 2000, clientHeadMs: 500, idleMs: 500 },
    accessLog: { path: "access.log" },
    admin: { bind: "127.0.0.1:0" },
  });
  let ended: string | undefined;
  void balancer.ended.then(
    (code) => (ended = `the balancer's process ended with ${code}: ${lastLines(balancer)}`),
  );
  const before = balancer.facts().descriptors;

  async function ofUpstream(input: FuzzInput & { readonly from: "upstream" }, mark: string) {
    upstream.script(mark, input);
    const { method, version } = input;
    const head = `${method} /answer/${mark} HTTP/${version}\r\nHost: a\r\nConnection: close\r\n\r\n`;
    const fault = faultOfAnswer(input, await speak(balancer.port, [head], "keep"));
    upstream.unscript(mark);
    if (fault !== undefined) return fault;
    // The next request must not get what is left of it.
    const next = `/next/${mark}`;
    const spoken = await speak(
      balancer.port,
      [`GET ${next} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`],
      "keep",
    );
    const { answers } = readAnswers(spoken.received, ["GET"], spoken.end === "ended");
    const targets = answers.flatMap(({ fields }) => valuesOf(fields, "x-target"));
    return targets.join() === next ? undefined : `the next client got ${JSON.stringify(spoken.received)}`;
  }

  async function ofClient(input: FuzzInput & { readonly from: "client" }, mark: string) {
    const { bytes, cuts, ending } = input;
    const pieces = [0, ...cuts].map((at, i) => bytes.slice(at, cuts[i] ?? bytes.length));
    const spoken = await speak(balancer.port, pieces, ending);
    return faultOfRequest(input, spoken, upstream.taken(mark));
  }

  return {
    async run(input, mark) {
      if (ended !== undefined) return ended;
      const fault = input.from === "client" ? await ofClient(input, mark) : await ofUpstream(input, mark);
      const sent = upstream.faults.get(mark) ?? upstream.faults.get("?");
      return ended ?? fault ?? (sent === undefined ? undefined : `an upstream got ${sent}`);
    },
    async rest() {
      if (ended !== undefined) return ended;
      const inFlight = async () => sumOf(await balancer.metrics(), "lb_upstream_in_flight");
      // Connections to the upstream that are kept for the next request are none too many.
      const kept = async () => sumOf(await balancer.metrics(), "lb_upstream_connections", 'state="idle"');
      const more = async () => balancer.facts().descriptors - before - (await kept());
      const calm = async () => (await inFlight()) === 0 && (await more()) <= MAX_MORE_DESCRIPTORS;
      await until(systemClock, calm, CALM_WITHIN_MS);
      if ((await inFlight()) !== 0) return `${await inFlight()} requests are in flight for ever`;
      if ((await more()) > MAX_MORE_DESCRIPTORS) return `${await more()} descriptors are left open`;
      const bad = balancer.log
        .split("\n")
        .find((line) => /"level":"(error|fatal)"|Warning|^\s+at /.test(line));
      return bad === undefined ? undefined : `it logged: ${bad}`;
    },
    get requestsSeen() {
      return upstream.count;
    },
    async close() {
      await balancer.close();
      await upstream.close();
    },
  };
}

const lastLines = ({ log }: LoneBalancer): string => log.split("\n").slice(-12).join("\n");
