import type { Sign } from "../../runtime/answer-proof.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import type { Balancer, RequestRecord } from "../../lb/balancer.ts";
import { balancerConfig, type BalancerConfig } from "../../lb/config/schema.ts";
import { createBalancer } from "../../lb/create-balancer.ts";
import { createListener, type Listener } from "../../lb/listener/listener.ts";
import type { LiveExchange } from "../../lb/listener/exchange/live-exchange.ts";
import { createEngineSwitch } from "../../lb/transport/engine-switch.ts";
import type { EngineName } from "../../lb/transport/engines.ts";
import type { Transport } from "../../lb/transport/transport.ts";
import { until } from "./until.ts";

/** A balancer on real sockets, in this process, with one listener and one pool. */
export interface LiveBalancer {
  readonly port: number;
  readonly balancer: Balancer<LiveExchange>;
  readonly transport: Transport<LiveExchange>;
  readonly listener: Listener;
  /** The record of each request, oldest first. */
  readonly records: readonly RequestRecord[];
  /** Waits for the record of the n-th request, counted from 1. */
  record(n: number): Promise<RequestRecord>;
  /** Waits until nothing is in flight any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

type PoolInput = Record<string, unknown>;

/** The configuration of one pool `web` over these ports, every other setting as given or by default. */
export function configFor(
  ports: readonly number[],
  pool: PoolInput = {},
  timeouts: Partial<BalancerConfig["timeouts"]> = {},
  route: object = {},
  listener: object = {},
  config: object = {},
): BalancerConfig {
  return balancerConfig.parse({
    ...config,
    listeners: [
      { name: "public", bind: "127.0.0.1:0", routes: [{ path: "/", pool: "web", ...route }], ...listener },
    ],
    pools: {
      web: {
        policy: { type: "round-robin" },
        upstreams: ports.map((port, i) => ({ name: `web-${i + 1}`, address: `127.0.0.1:${port}` })),
        ...pool,
      },
    },
    timeouts,
  });
}

export async function liveBalancer(
  engine: EngineName,
  upstreams: readonly { readonly port: number }[],
  options: {
    readonly pool?: PoolInput;
    readonly timeouts?: Partial<BalancerConfig["timeouts"]>;
    /** Beside the route's path and pool. */
    readonly route?: object;
    readonly signWay?: Sign;
    /** Beside the listener's name, address and routes. */
    readonly listener?: object;
    /** Beside listeners, pools and timeouts. */
    readonly config?: object;
  } = {},
): Promise<LiveBalancer> {
  const config = configFor(
    upstreams.map(({ port }) => port),
    options.pool,
    options.timeouts,
    options.route,
    options.listener,
    options.config,
  );
  const records: RequestRecord[] = [];
  const keep = (record: RequestRecord) => void records.push(record);
  const clock = systemClock;
  const transport = createEngineSwitch(engine, { clock });
  const balancer = createBalancer<LiveExchange>(config, 1, {
    clock,
    random: seeded(1),
    log: silentLog,
    transport,
    signWay: options.signWay,
    observer: {
      request: keep,
      attempt() {},
      retry() {},
      retryDenied() {},
      check() {},
      upstreamState() {},
      ejected() {},
      configured() {},
    },
  });
  const {
    timeouts,
    listeners: [{ upgrades } = { upgrades: [] }],
  } = config;
  const listener = createListener("public", { host: "127.0.0.1", port: 0 }, balancer, {
    clock,
    log: silentLog,
    timeouts,
    upgrades,
    newRequestId: () => `refused-${records.length}`,
    onRejected: keep,
  });
  const { port } = await listener.listen();
  return {
    port,
    balancer,
    transport,
    listener,
    records,
    record: (n) => until(() => records[n - 1], `the record of request ${n}`),
    async idle() {
      await until(() => balancer.inFlight === 0, "nothing in flight");
    },
    async close() {
      await listener.close(0);
      balancer.close();
      transport.close();
    },
  };
}
