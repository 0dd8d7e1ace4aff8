import type { RequestRecord, UpstreamState } from "../../lb/balancer.ts";
import { createBalancer } from "../../lb/create-balancer.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { createTrafficMeter } from "../events/traffic-meter.ts";
import type { TrafficView } from "../events/traffic-view.ts";
import { createSimulatedExchange, type SimulatedExchange } from "../world/simulated/exchange.ts";
import { createNetwork } from "../world/simulated/network.ts";
import { createSimulatedTransport } from "../world/simulated/transport.ts";
import { createVirtualTime, type NextTurn } from "../world/simulated/virtual-time.ts";
import { parseAddress } from "../../lb/address.ts";
import { COST_FIELD, createSandboxBackend, type SandboxBackend } from "./backend.ts";
import { balancerConfigOf, LISTENER, portOf, POOL, USER_FIELD } from "./balancer-config.ts";
import { createSideMeter, type SideFigures, type SideMeter, type UpstreamFigures } from "./meter.ts";
import { createRestarts } from "./restarts.ts";
import { upstreamName, type SideSetting, type WorldSetting } from "./setting.ts";
import { createSandboxUsers, type Arrival } from "./users.ts";

/** An upstream of a side, as it is now. Ratios 0..1. */
export interface UpstreamOfSide extends UpstreamFigures {
  readonly name: string;
  readonly running: boolean;
  /** As the balancer sees it. */
  readonly state: UpstreamState;
  readonly weight: number;
  /** Less than `weight` in a slow start; 0 while it is not UP. */
  readonly effectiveWeight: number;
  readonly configuredShare: number;
  readonly inFlight: number;
  /** In the backend itself: in a slot, and before one. */
  readonly working: number;
  readonly waiting: number;
}

export interface SideView {
  readonly figures: SideFigures;
  /** In the balancer's own queue. */
  readonly queued: number;
  readonly panic: boolean;
  readonly upstreams: readonly UpstreamOfSide[];
  readonly reasons: ReturnType<SideMeter["reasons"]>;
}

/** One balancer, its users and its backends, in a virtual time of their own. */
export interface Side {
  /** Takes effect at once, for requests from now on. */
  change(world: WorldSetting, side: SideSetting): void;
  run(ms: number): Promise<void>;
  view(): SideView;
  /** Requests since the last call: counts, and a sample of them. */
  traffic(): TrafficView;
}

interface SideDeps {
  readonly seed: number;
  readonly nextTurn: NextTurn;
  readonly onRequest?: ((record: RequestRecord) => void) | undefined;
}

export function createSide(
  world: WorldSetting,
  side: SideSetting,
  { seed, nextTurn, onRequest }: SideDeps,
): Side {
  const time = createVirtualTime({ nextTurn });
  const clock = time.clock("data");
  const network = createNetwork({ clock });
  const random = seeded(seed);
  const meter = createSideMeter();
  const samples = createTrafficMeter(random.fork("samples"));
  let taken = clock.wall();
  let applied = { world, side };
  const first = balancerConfigOf(side, world.backends.length);

  const ends = { users: network.attach("users"), balancer: network.attach("balancer") };
  const balancer = createBalancer<SimulatedExchange>(first, 1, {
    clock,
    random: random.fork("balancer"),
    log: silentLog,
    transport: createSimulatedTransport(ends.balancer, clock),
    observer: {
      ...NOTHING,
      request(record) {
        meter.add(record, clock.now());
        samples.balanced([record]);
        onRequest?.(record);
      },
    },
  });
  const listener = parseAddress(first.listeners[0]?.bind ?? "");
  ends.balancer.bind(listener.port, (incoming) =>
    balancer.handle(LISTENER, createSimulatedExchange(incoming)),
  );

  const backends: SandboxBackend[] = [];
  const restarts = createRestarts(clock, {
    down: (place) => backends[place]?.kill(),
    up: (place) => settle(place),
  });
  const users = createSandboxUsers({ clock, random: random.fork("users") }, ({ user, cost }: Arrival) => {
    const headers = ["host", "shop.test", USER_FIELD, `user-${user}`, COST_FIELD, String(cost)];
    ends.users.send(listener, { method: "GET", target: `/u/${user}`, headers, body: undefined }, UNREAD);
  });

  /** Brings the backend at this place to what its setting says. */
  function settle(place: number): void {
    const { world: now } = applied;
    const backend = (backends[place] ??= createSandboxBackend(upstreamName(place), portOf(place), {
      network,
      clock,
      random: random.fork(`backend/${place}`),
    }));
    const setting = now.backends[place];
    if (setting?.running !== true || restarts.isDown(place)) return backend.kill();
    backend.serviceMs = setting.serviceMs;
    // Those of the first moment are warm: the beginning is no restart.
    backend.start(now, clock.now() > 0);
  }

  function change(world: WorldSetting, side: SideSetting): void {
    const config = JSON.stringify(balancerConfigOf(side, world.backends.length));
    applied = { world, side };
    restarts.change(world);
    users.change(world);
    for (let place = 0; place < Math.max(world.backends.length, backends.length); place++) settle(place);
    if (config !== JSON.stringify(balancer.config))
      balancer.apply(balancerConfigOf(side, world.backends.length), balancer.version + 1);
  }

  change(world, side);
  return {
    change,
    run: (ms) => time.run(ms),
    view() {
      const nowMs = clock.now();
      const pool = balancer.pools().find(({ name }) => name === POOL);
      const upstreams = pool?.upstreams ?? [];
      const figures = meter.byUpstream(
        upstreams.map(({ name }) => name),
        nowMs,
      );
      return {
        figures: meter.figures(nowMs),
        queued: pool?.queueLength ?? 0,
        panic: pool?.panic ?? false,
        upstreams: upstreams.map((upstream, place) => ({
          ...(figures[place] ?? NO_FIGURES),
          name: upstream.name,
          running: backends[place]?.running ?? false,
          state: upstream.state,
          weight: upstream.weight,
          effectiveWeight: upstream.effectiveWeight,
          configuredShare: upstream.configuredShare,
          inFlight: upstream.inFlight,
          working: backends[place]?.working ?? 0,
          waiting: backends[place]?.waiting ?? 0,
        })),
        reasons: meter.reasons(nowMs),
      };
    },
    traffic() {
      const from = taken;
      taken = clock.wall();
      return samples.take(from, taken);
    },
  };
}

const nothing = (): void => {};
const UNREAD = { answered: nothing, failed: nothing };
const NOTHING = {
  attempt: nothing,
  retry: nothing,
  retryDenied: nothing,
  check: nothing,
  upstreamState: nothing,
  ejected: nothing,
  configured: nothing,
};
const NO_FIGURES: UpstreamFigures = {
  share: undefined,
  requestsPerSecond: 0,
  failuresPerSecond: 0,
  p95Ms: undefined,
};
