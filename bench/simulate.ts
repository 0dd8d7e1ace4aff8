import { createService } from "../backends/service.ts";
import { createSimulatedExchange, type SimulatedExchange } from "../lab/world/simulated/exchange.ts";
import { createNetwork } from "../lab/world/simulated/network.ts";
import { serveService } from "../lab/world/simulated/serve.ts";
import { createSimulatedTransport } from "../lab/world/simulated/transport.ts";
import { createVirtualTime } from "../lab/world/simulated/virtual-time.ts";
import { balancerConfig } from "../lb/config/schema.ts";
import { createBalancer } from "../lb/create-balancer.ts";
import { createBalancerMetrics } from "../lb/metrics-observer.ts";
import { every } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { seeded } from "../runtime/random.ts";

/**
 * `npm run bench:simulate`: what a simulated request costs, with round robin and metrics on, from 10 upstreams to
 * 10,000, and what memory does meanwhile. Prints each figure with its bar.
 */

const REQUESTS_PER_SECOND_BAR = 150_000;
const GROWTH_BAR = 2;
const FIRST_PORT = 10_000;
const BALANCER_PORT = 8080;
const SERVICE_MS = 50;

interface Measured {
  readonly requests: number;
  readonly failed: number;
  /** Of this process, all its threads: what others take of the machine is not in it. */
  readonly cpuMs: number;
  readonly heapMb: readonly number[];
}

/** Open-loop arrivals of many users at a pool of equal backends, at a tenth of what these can do. */
async function measure(upstreams: number, users: number, requests: number): Promise<Measured> {
  const time = createVirtualTime();
  const clock = time.clock("data");
  const random = seeded(1);
  const network = createNetwork({ clock });
  for (let i = 0; i < upstreams; i++) {
    const name = `web-${i + 1}`;
    const port = FIRST_PORT + i;
    const end = network.attach(name);
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
      { clock, random: random.fork(name), log: silentLog, dial: () => () => {}, crash: () => {} },
    );
    end.bind(port, serveService(service));
  }
  const end = network.attach("balancer");
  const metrics = createBalancerMetrics({ clock });
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
    { clock, random, log: silentLog, transport: createSimulatedTransport(end), observer: metrics },
  );
  end.bind(BALANCER_PORT, (incoming) => balancer.handle("public", createSimulatedExchange(incoming)));

  const client = network.attach("users");
  const perSecond = Math.min(20_000, upstreams * 16);
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
  every(clock, 1000 / perSecond, () => {
    const user = arrivals.below(users);
    const headers = ["host", "127.0.0.1:8080", "cookie", `user=guest-${user}`, "x-nonce", `b-${done}`];
    client.send(to, { method: "GET", target: "/query", headers, body: undefined }, outcome);
  });

  await time.run(1000);
  const heapMb: number[] = [];
  const begun = process.cpuUsage();
  const before = done;
  for (let part = 0; part < 4; part++) {
    await time.run((requests / 4 / perSecond) * 1000);
    heapMb.push(Math.round(process.memoryUsage().heapUsed / 1024 / 1024));
  }
  const { user, system } = process.cpuUsage(begun);
  return { requests: done - before, failed, cpuMs: (user + system) / 1000, heapMb };
}

const rate = ({ requests, cpuMs }: Measured): number => Math.round((requests * 1000) / cpuMs);

function show(what: string, measured: Measured): void {
  const { requests, failed, heapMb } = measured;
  console.log(
    `${what.padEnd(36)} ${String(rate(measured)).padStart(9)} requests a CPU second (${requests} requests, ${failed} failed; heap ${heapMb.join(", ")} MB)`,
  );
}

await measure(10, 500, 50_000);
const ten = await measure(10, 500, 400_000);
show("10 upstreams", ten);
const many = await measure(10_000, 1_000_000, 400_000);
show("10,000 upstreams, a million users", many);
const growth = rate(ten) / rate(many);
console.log(
  `bar ${REQUESTS_PER_SECOND_BAR} requests a second on one core: ${rate(ten) >= REQUESTS_PER_SECOND_BAR ? "reached" : "MISSED"}`,
);
console.log(`cost from 10 to 10,000 upstreams: ${growth.toFixed(2)} times (bar ${GROWTH_BAR})`);
