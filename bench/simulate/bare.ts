import { createService } from "../../backends/service.ts";
import { createSimulatedExchange, type SimulatedExchange } from "../../lab/world/simulated/exchange.ts";
import { createNetwork } from "../../lab/world/simulated/network.ts";
import { serveService } from "../../lab/world/simulated/serve.ts";
import { createSimulatedTransport } from "../../lab/world/simulated/transport.ts";
import { createNodeTime } from "../../lab/world/simulated/node-time.ts";
import { balancerConfig } from "../../lb/config/schema.ts";
import { createBalancer } from "../../lb/create-balancer.ts";
import { createBalancerMetrics } from "../../lb/telemetry/metrics-observer.ts";
import { every } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { cpuMs, heapMb } from "./process-cost.ts";

const FIRST_PORT = 10_000;
const BALANCER_PORT = 8080;
const SERVICE_MS = 50;
const WARM_UP_MS = 1000;
const PARTS = 4;

export interface BareRun {
  readonly upstreams: number;
  readonly users: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
}

export interface BareCost {
  readonly requests: number;
  readonly failed: number;
  /** Of this process, all its threads. */
  readonly cpuMs: number;
  /** The reachable heap after each quarter of the run. */
  readonly heapMb: readonly number[];
}

/** The simulated balancer between open-loop arrivals of many users and equal backends: round robin, metrics on. */
export async function runBare({ upstreams, users, requests, requestsPerSecond }: BareRun): Promise<BareCost> {
  const time = createNodeTime();
  const clock = time.clock("data");
  const random = seeded(1);
  const network = createNetwork({ clock });
  for (let i = 0; i < upstreams; i++) {
    const name = `web-${i + 1}`;
    const port = FIRST_PORT + i;
    const service = createService(
      {
        name,
        role: "database",
        host: "127.0.0.1",
        port,
        version: "1",
        seed: 1,
        capacity: { slots: 8, serviceMs: SERVICE_MS, queueLimit: 100 },
      },
      { clock, random: random.fork(name), log: silentLog, dial: () => () => {}, crash: () => {}, keys: {} },
    );
    network.attach(name).bind(port, serveService(service));
  }
  const end = network.attach("balancer");
  const balancer = createBalancer<SimulatedExchange>(
    balancerConfig.parse({
      listeners: [
        { name: "public", bind: `127.0.0.1:${BALANCER_PORT}`, routes: [{ path: "/", pool: "web" }] },
      ],
      pools: {
        web: {
          policy: { type: "round-robin" },
          upstreams: Array.from({ length: upstreams }, (_, i) => ({
            name: `web-${i + 1}`,
            address: `127.0.0.1:${FIRST_PORT + i}`,
          })),
        },
      },
    }),
    1,
    {
      clock,
      random,
      log: silentLog,
      transport: createSimulatedTransport(end, clock),
      observer: createBalancerMetrics({ clock }),
    },
  );
  end.bind(BALANCER_PORT, (incoming) => balancer.handle("public", createSimulatedExchange(incoming)));

  const client = network.attach("users");
  let failed = 0;
  let done = 0;
  const to = { host: "127.0.0.1", port: BALANCER_PORT };
  const arrivals = random.fork("arrivals");
  const outcome = {
    answered({ status }: { readonly status: number }) {
      done += 1;
      if (status !== 200) failed += 1;
    },
    failed() {
      done += 1;
      failed += 1;
    },
  };
  every(clock, 1000 / requestsPerSecond, () => {
    const headers = [
      "host",
      "127.0.0.1:8080",
      "cookie",
      `user=guest-${arrivals.below(users)}`,
      "x-nonce",
      `b-${done}`,
    ];
    client.send(to, { method: "GET", target: "/query", headers, body: undefined }, outcome);
  });

  await time.run(WARM_UP_MS);
  const heaps: number[] = [];
  const before = done;
  let spentMs = 0;
  for (let part = 0; part < PARTS; part++) {
    const begun = cpuMs();
    await time.run((requests / PARTS / requestsPerSecond) * 1000);
    spentMs += cpuMs() - begun;
    heaps.push(heapMb());
  }
  return { requests: done - before, failed, cpuMs: spentMs, heapMb: heaps };
}
