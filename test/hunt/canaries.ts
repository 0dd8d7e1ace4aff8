import { createCanaryArms, type CanaryArms } from "../../lb/config/rollout/canary-arms.ts";
import type { BalancerConfig } from "../../lb/config/schema.ts";
import { seeded } from "../../runtime/random.ts";
import { configOf, createBench, type Bench } from "../support/balancer-bench.ts";
import type { FakeExchange } from "../support/fake-exchange.ts";
import { createDraw, type Draw } from "./draw.ts";

/** What must hold of canaries whatever happens. */
export type CanaryInvariant =
  | "a user meets one version"
  | "nothing is lost at a step"
  | "an aborted version gets nothing more"
  | "backends are shared"
  | "nothing stays";

export interface CanaryFinding {
  readonly invariant: CanaryInvariant;
  readonly step: number;
  readonly detail: string;
}

/** What was known of a request as it came in. */
interface Begun {
  readonly user: string;
  /** Ports that it may be sent to, for as long as no configuration changes. */
  readonly ports: ReadonlySet<number>;
  readonly epoch: number;
}

const USERS = 20;
const STEPS = 200;

/**
 * A random run of requests, canaries, steps, promotions, aborts, reloads and operators' changes on a manual clock, with upstreams that
 * answer, fail and are slow by chance. `fixed`: versions differ in all but their upstreams' addresses.
 */
export function runCanaries(seed: number): readonly CanaryFinding[] {
  const draw = createDraw(seeded(seed).fork("canaries"));
  const fixed = draw.sometimes(0.5);
  const findings: CanaryFinding[] = [];
  const first = drawPools(draw, fixed);
  const bench = createBench(first);
  const { balancer, clock, transport, watched } = bench;
  const begun = new Map<FakeExchange, Begun>();
  const lastOf = new Map<string, number>();
  let epoch = 0;
  let step = 0;
  let arms: CanaryArms | undefined;
  let judged = 0;
  const broken = (invariant: CanaryInvariant, detail: string) =>
    void findings.push({ invariant, step, detail });

  transport.onSend = ({ port, exchange }) => {
    const known = begun.get(exchange);
    if (known?.epoch === epoch && !known.ports.has(port))
      broken("an aborted version gets nothing more", `${known.user} was sent to ${port}`);
  };

  function changed() {
    if (balancer.canary) return;
    arms = undefined;
    lastOf.clear();
  }

  function request() {
    const user = `u${draw.below(USERS)}`;
    const exchange = newExchange(user);
    const isCanary = arms?.armOf(exchange) === "canary" && balancer.canary !== undefined;
    begun.set(exchange, {
      user,
      ports: portsOf((isCanary && balancer.canary?.config) || balancer.config),
      epoch,
    });
    balancer.handle("public", exchange);
  }

  function act() {
    const kind = draw.one([
      "request",
      "request",
      "request",
      "request",
      "end",
      "end",
      "end",
      "pass",
      "change",
    ]);
    if (kind === "request") return request();
    if (kind === "pass") return clock.advance(draw.one([1, 20, 300, 2500]));
    if (kind === "end") return endOne(bench, draw);
    return change();
  }

  function change() {
    const { canary } = balancer;
    const what = draw.one(["canary", "canary", "canary", "grow", "reload", "weight", "state"]);
    if (what === "weight") return void balancer.setWeight(draw.one(NAMES), draw.one([0, 1, 5]));
    if (what === "state")
      return void balancer.setState(draw.one(NAMES), draw.one(["ready", "ready", "drain", "maintenance"]));
    if (what === "grow") return void (arms && (arms.share = Math.min(0.5, arms.share + 0.2)));
    // Already while it changes: what waits may find an upstream of the new configuration.
    epoch += 1;
    if (what === "reload") balancer.apply(balancer.config, balancer.version);
    else if (!canary) {
      const config = configOf(drawPools(draw, fixed));
      arms = createCanaryArms(
        { user: "cookie:user", version: step + 2, share: draw.one([0.1, 0.3, 0.5]) },
        { stable: balancer.config, canary: config },
      );
      balancer.startCanary(config, step + 2, arms);
    } else if (draw.sometimes(0.5)) balancer.promoteCanary();
    else balancer.abortCanary();
    changed();
  }

  /** Every user's versions in the order of their requests' ends: once the canary's, always so while it lasts. */
  function judgeUsers() {
    for (const { requestId, configVersion, arm, target, peer } of watched.records.slice(judged)) {
      if (configVersion === undefined || configVersion !== balancer.canary?.version) continue;
      lastOf.set(peer, configVersion);
      if (arm !== "canary") broken("a user meets one version", `${requestId} ${target} of ${peer}: ${arm}`);
    }
    judged = watched.records.length;
    for (const [peer] of lastOf)
      if (arms && arms.armOf(newExchange(peer)) !== "canary")
        broken("a user meets one version", `${peer} was the canary's and is not`);
  }

  function judgeShared() {
    const views = [...balancer.pools(), ...(balancer.canary?.pools() ?? [])].flatMap(
      ({ upstreams }) => upstreams,
    );
    const byAddress = new Map<string, number>();
    for (const { address, inFlight, name } of views) {
      const known = byAddress.get(address);
      byAddress.set(address, inFlight);
      if (known !== undefined && known !== inFlight)
        broken(
          "backends are shared",
          `${name} has ${inFlight} in flight for one version, ${known} for the other`,
        );
      const open = transport.open.filter(({ port }) => address.endsWith(`:${port}`)).length;
      if (inFlight > open || (fixed && inFlight !== open))
        broken("backends are shared", `${name} has ${open} in flight, and ${inFlight} are counted`);
    }
  }

  function newExchange(user: string): FakeExchange {
    return bench.exchange({ peer: user, headers: ["Cookie", `user=${user}`] });
  }

  for (; step < STEPS && findings.length === 0; step++) {
    act();
    judgeUsers();
    judgeShared();
  }
  if (draw.sometimes(0.5) && balancer.canary) balancer.abortCanary();
  transport.onSend = undefined;
  for (let turn = 0; turn < 1000 && transport.open.length > 0; turn++) transport.open[0]?.answer(200);
  clock.advance(60_000);
  for (const [exchange, { user }] of begun)
    if (exchange.outcome === undefined)
      broken("nothing is lost at a step", `a request of ${user} has no end`);
  const left = Object.values(bench.inFlight()).reduce((sum, one) => sum + one, 0);
  if (left > 0 || balancer.inFlight > 0) broken("nothing stays", `${left} are in flight at the end`);
  balancer.close();
  if (clock.pending > 0) broken("nothing stays", `${clock.pending} timers are left at the end`);
  return findings;
}

const NAMES = ["u1", "u2", "u3", "u4"] as const;

function drawPools(draw: Draw, fixed: boolean): Record<string, unknown> {
  const members = fixed ? NAMES : NAMES.filter(() => draw.sometimes(0.7));
  const upstreams = (members.length === 0 ? NAMES.slice(0, 1) : members).map((name, i) => ({
    name: fixed || draw.sometimes(0.8) ? name : `other-${name}`,
    address: `127.0.0.1:${fixed || draw.sometimes(0.8) ? i + 1 : i + 11}`,
    weight: draw.one([1, 1, 5, 0]),
    maxConnections: draw.between(1, 3),
    state: draw.one(["ready", "ready", "ready", "drain"]),
  }));
  return {
    web: {
      policy: draw.one([
        { type: "round-robin" },
        { type: "least-connections" },
        { type: "random-two" },
        { type: "ring-hash", key: "cookie:user" },
        { type: "first" },
      ]),
      upstreams,
      queue: { limit: draw.one([0, 3, 20]), timeoutMs: draw.one([200, 2000]) },
      retry: { attempts: draw.one([0, 1, 2]), on: ["connect-failure", "5xx"] },
      ...(draw.sometimes(0.4)
        ? { outlier: { consecutive5xx: 2, ejectionSeconds: 1, maxEjectedPercent: 100 } }
        : {}),
      ...(draw.sometimes(0.4)
        ? { health: { path: draw.one(["/a", "/b"]), intervalMs: 500, timeoutMs: 100 } }
        : {}),
      ...(draw.sometimes(0.3) ? { slowStartMs: 1000 } : {}),
    },
  };
}

function endOne({ transport }: Bench, draw: Draw): void {
  const { open, checks } = transport;
  for (const check of checks.slice(-8))
    if (!check.cancelled && draw.sometimes(0.6)) check.done(draw.one([200, 200, 500]));
  if (open.length === 0) return;
  const attempt = open[draw.below(open.length)];
  switch (draw.one(["answer", "answer", "answer", "5xx", "refused", "reset", "leave"])) {
    case "answer":
      return attempt?.answer(200);
    case "5xx":
      return attempt?.answer(500);
    case "refused":
      return attempt?.fail("refused");
    case "reset":
      return attempt?.fail("reset");
    case "leave":
      return attempt?.exchange.clientLeaves();
  }
}

function portsOf({ pools }: BalancerConfig): ReadonlySet<number> {
  return new Set(
    Object.values(pools).flatMap(({ upstreams }) =>
      upstreams.map(({ address }) => Number(address.split(":")[1])),
    ),
  );
}
