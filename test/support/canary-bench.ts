import type { ConfigMedium } from "../../lb/config/medium.ts";
import { createCanaryControl } from "../../lb/config/rollout/canary-control.ts";
import type { CanaryControl, CanaryEvent } from "../../lb/config/rollout/canary.ts";
import { createConfigStore, type ConfigStore } from "../../lb/config/store.ts";
import { createTurns } from "../../lb/config/turns.ts";
import { createBalancer } from "../../lb/create-balancer.ts";
import type { Balancer, RequestRecord } from "../../lb/balancer.ts";
import { memoryConfig } from "../../lab/world/simulated/config-medium.ts";
import { createMemoryLog } from "../../runtime/log.ts";
import { nodeHashing } from "../../runtime/node-hashing.ts";
import { seeded } from "../../runtime/random.ts";
import { writeYaml } from "../../runtime/yaml/write.ts";
import { createWatched } from "./balancer-bench.ts";
import { createFakeExchange, type FakeExchange } from "./fake-exchange.ts";
import { createFakeTransport, type FakeAttempt, type FakeTransport } from "./fake-transport.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** What becomes of an attempt: its status, after so many milliseconds. */
export type Behaviour = (attempt: FakeAttempt) => { readonly status?: number; readonly ms?: number };

/** A balancer with a canary's control, a store in memory and users who ask in virtual time. */
export interface CanaryBench {
  readonly clock: ManualClock;
  readonly store: ConfigStore;
  readonly medium: ConfigMedium;
  readonly transport: FakeTransport;
  readonly balancer: Balancer<FakeExchange>;
  readonly control: CanaryControl;
  readonly events: CanaryEvent[];
  readonly records: RequestRecord[];
  readonly logged: string[];
  readonly results: string[];
  behave: Behaviour;
  /** So many users ask twice a second in all, a request each in turn. */
  run(seconds: number, perSecond?: number): Promise<void>;
  /** The control of a process that is started anew on the same store. */
  restart(): CanaryControl;
}

const USERS = 500;

export const yamlOf = (pools: Record<string, unknown>, rest: Record<string, unknown> = {}): string =>
  writeYaml({
    listeners: [
      {
        name: "public",
        bind: "127.0.0.1:8080",
        routes: Object.keys(pools)
          .map((pool, index) => ({ path: index === 0 ? "/" : `/${pool}`, pool }))
          .toReversed(),
      },
    ],
    pools,
    ...rest,
  });

export function createCanaryBench(yaml: string, medium: ConfigMedium = memoryConfig("lb.yaml")): CanaryBench {
  const clock = createManualClock();
  const store = createConfigStore(medium, { clock, hashing: nodeHashing });
  const first = store.create(yaml, { author: "test", reason: "first" });
  const parsed = store.parse(yaml);
  if (!parsed.ok) throw new Error("the configuration is faulty");
  const transport = createFakeTransport();
  const watched = createWatched();
  const logged: string[] = [];
  const log = createMemoryLog((line) => void logged.push(line), "balancer", clock);
  const balancer = createBalancer<FakeExchange>(parsed.config, first.version, {
    clock,
    transport,
    observer: watched,
    random: seeded("canary"),
    log,
  });
  const results: string[] = [];
  const make = () =>
    createCanaryControl({
      clock,
      log,
      store,
      balancer,
      inTurn: createTurns(),
      onResult: (result) => void results.push(result),
    });
  const control = make();
  const events: CanaryEvent[] = [];
  control.onEvent((event) => void events.push(event));
  let asked = 0;
  const bench: CanaryBench = {
    clock,
    store,
    medium,
    transport,
    balancer,
    control,
    events,
    records: watched.records,
    logged,
    results,
    behave: () => ({}),
    async run(seconds, perSecond = 50) {
      for (let i = 0; i < seconds * perSecond; i++) {
        const user = `u${asked++ % USERS}`;
        const headers = ["X-User", user, "Cookie", `user=${user}`];
        balancer.handle("public", createFakeExchange({ headers, peer: user }));
        clock.advance(1000 / perSecond);
        // What a timer has asked for is done before the next request, as in any world.
        for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      }
    },
    restart: make,
  };
  transport.onSend = (attempt) => {
    const { status = 200, ms = 20 } = bench.behave(attempt);
    clock.after(ms, () => attempt.answer(status));
  };
  return bench;
}
