import { beforeEach, describe, expect, it } from "vitest";
import { createBalancer } from "../../../lb/create-balancer.ts";
import { statsRows, type StatsRow } from "../../../lb/admin/stats-rows.ts";
import { createStats, type Stats } from "../../../lb/telemetry/stats.ts";
import { silentLog } from "../../../runtime/log.ts";
import { seeded } from "../../../runtime/random.ts";
import { configOf, poolOf } from "../../support/balancer-bench.ts";
import { createFakeExchange, type FakeExchange } from "../../support/fake-exchange.ts";
import { createFakeTransport, type FakeTransport } from "../../support/fake-transport.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

// What a real HAProxy says in the same situation is compared in test/differential/stats.test.ts; here is what takes time.

let clock: ManualClock;
let transport: FakeTransport;
let stats: Stats;
let balancer: ReturnType<typeof createBalancer<FakeExchange>>;

beforeEach(() => {
  clock = createManualClock();
  transport = createFakeTransport();
  stats = createStats({ clock });
  const config = configOf({ web: poolOf(2) });
  balancer = createBalancer<FakeExchange>(config, 1, {
    clock,
    transport,
    random: seeded(1),
    log: silentLog,
    observer: stats,
  });
});

const row = (name: string): StatsRow | undefined =>
  statsRows(balancer, stats).find(({ pxname, svname }) => `${pxname}/${svname}` === name);

describe("the statistics", () => {
  it("say since when an upstream is as it is, how often it went and for how long in all", () => {
    clock.advance(3000);
    expect(row("web/u1")).toMatchObject({ lastchg: 3, downtime: 0 });
    balancer.setState("u1", "maintenance");
    clock.advance(5000);
    expect(row("web/u1")).toMatchObject({ status: "MAINT", lastchg: 5, downtime: 5 });
    balancer.setState("u1", "ready");
    clock.advance(2000);
    expect(row("web/u1")).toMatchObject({ status: "no check", lastchg: 2, downtime: 5 });
  });

  it("say when a pool was without any upstream", () => {
    balancer.setState("u1", "drain");
    expect(row("web/BACKEND")).toMatchObject({ status: "UP", act: 1, chkdown: 0 });
    balancer.setState("u2", "drain");
    clock.advance(4000);
    expect(row("web/BACKEND")).toMatchObject({ status: "DOWN", act: 0, chkdown: 1, lastchg: 4, downtime: 4 });
    balancer.setState("u1", "ready");
    clock.advance(1000);
    expect(row("web/BACKEND")).toMatchObject({ status: "UP", chkdown: 1, lastchg: 1, downtime: 4 });
  });

  it("keep the most that was ever in flight, and the rate of the last whole second", () => {
    for (let i = 0; i < 3; i++) balancer.handle("public", createFakeExchange());
    expect(row("web/BACKEND")).toMatchObject({ scur: 3, smax: 3 });
    for (const attempt of transport.open) attempt.answer(200);
    clock.advance(1000);
    expect(row("web/BACKEND")).toMatchObject({ scur: 0, smax: 3, stot: 3, rate: 3, rate_max: 3 });
    clock.advance(1000);
    expect(row("web/BACKEND")).toMatchObject({ rate: 0, rate_max: 3 });
  });

  it("count a client that left in no class of answers", () => {
    const exchange = createFakeExchange();
    balancer.handle("public", exchange);
    exchange.clientLeaves();
    expect(row("web/BACKEND")).toMatchObject({ cli_abrt: 1, hrsp_4xx: 0, req_tot: 0 });
    expect(row("public/FRONTEND")).toMatchObject({ hrsp_4xx: 0, req_tot: 1 });
  });
});
