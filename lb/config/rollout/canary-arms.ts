import type { Arm, CanaryTraffic, RequestRecord } from "../../balancer.ts";
import type { BalancerConfig } from "../schema.ts";
import { hash32 } from "../../../runtime/random.ts";
import { keyReader } from "../../pool/hash-key.ts";
import type { ArmFigures } from "./canary.ts";
import { createLatencies, type Latencies } from "./latencies.ts";

/** What one arm's users have met since the window began. */
export interface ArmWindow {
  readonly requests: number;
  readonly failures: number;
  /** Of whole answers. */
  readonly latencies: Latencies;
  readonly attempts: number;
  /** Attempts by the upstream's `HOST:PORT`. */
  readonly attemptsAt: ReadonlyMap<string, number>;
}

/** Who meets which version, and what became of them. */
export interface CanaryArms extends CanaryTraffic {
  /** Part of the users that meet the canary; as many others are its baseline. */
  share: number;
  /** What each arm met since the last `take`, and a new window for each. */
  take(): Readonly<Record<Arm, ArmWindow>>;
}

const HASHES = 4_294_967_296;

/**
 * Arms by a hash of the user: the canary's are the first slice, its baseline the next of the same size, so a share that grows only adds
 * users. `version` turns the circle: not the same users try every version.
 */
export function createCanaryArms(
  { user, version, share }: { readonly user: string; readonly version: number; readonly share: number },
  configs: { readonly stable: BalancerConfig; readonly canary: BalancerConfig },
): CanaryArms {
  const keyOf = keyReader(user);
  const salt = `canary/${version}/`;
  const addresses = { canary: addressesOf(configs.canary), stable: addressesOf(configs.stable) };
  let windows = emptyWindows();

  const arms: CanaryArms = {
    share,
    armOf(exchange) {
      const key = keyOf(exchange);
      if (key === undefined) return "rest";
      const point = hash32(salt + key) / HASHES;
      if (point < arms.share) return "canary";
      return point < 2 * arms.share ? "baseline" : "rest";
    },
    ended(record, arm) {
      windows[arm].count(record, arm === "canary" ? addresses.canary : addresses.stable);
    },
    take() {
      const taken = windows;
      windows = emptyWindows();
      return taken;
    },
  };
  return arms;
}

const emptyWindows = () => ({ canary: new Window(), baseline: new Window(), rest: new Window() });

/** By pool and upstream. */
type Addresses = ReadonlyMap<string, string>;

class Window implements ArmWindow {
  requests = 0;
  failures = 0;
  readonly latencies = createLatencies();
  attempts = 0;
  readonly attemptsAt = new Map<string, number>();

  count(record: RequestRecord, addresses: Addresses): void {
    this.requests += 1;
    if (hasFailed(record)) this.failures += 1;
    else this.latencies.add(record.totalMs);
    for (const { upstream } of record.attempts) {
      const address = addresses.get(`${record.pool}/${upstream}`);
      if (address === undefined) continue;
      this.attempts += 1;
      this.attemptsAt.set(address, (this.attemptsAt.get(address) ?? 0) + 1);
    }
  }
}

/** Also when its client left: an answer that came too late for a user is none. Both arms have clients that leave for other reasons. */
const hasFailed = ({ status, reason }: RequestRecord): boolean => reason !== undefined || status >= 500;

function addressesOf({ pools }: BalancerConfig): Addresses {
  const addresses = new Map<string, string>();
  for (const [pool, { upstreams }] of Object.entries(pools))
    for (const { name, address } of upstreams) addresses.set(`${pool}/${name}`, address);
  return addresses;
}

export function figuresOf({ requests, failures, latencies, attempts, attemptsAt }: ArmWindow): ArmFigures {
  const shares = Object.fromEntries(
    Array.from(attemptsAt, ([address, count]) => [address, count / attempts] as const).sort(([a], [b]) =>
      a < b ? -1 : 1,
    ),
  );
  return { requests, failures, p95Ms: latencies.quantile(0.95), shares };
}
