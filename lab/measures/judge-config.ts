import { lint, type Finding } from "../../lb/config/lint/lint.ts";
import { parseBalancerConfig } from "../../lb/config/parse.ts";
import type { BalancerConfig } from "../../lb/config/schema.ts";

type Pool = BalancerConfig["pools"][string];

export interface ConfigRules {
  /** How many times its fair share an upstream may get. */
  readonly share: number;
  /** How many times the load seen a pool's connections have to hold. */
  readonly capacity: number;
}

/** Requests in flight to each pool's upstreams, on average over the window that was read. */
export type LoadSeen = ReadonlyMap<string, number>;

export interface ConfigRead {
  readonly config: BalancerConfig;
  readonly findings: readonly Finding[];
}

/** What lint finds that a measure takes for a reason to refuse. */
const REFUSED: ReadonlySet<string> = new Set([
  "NO_HEALTH_CHECK",
  "POOL_SHRINKS",
  "NOBODY_READY",
  "OWN_ADDRESS",
]);

/** What is wrong with a text, compared with the one that it replaces; undefined for one that cannot be read. */
export function judgeConfig(
  text: string,
  against: string | undefined,
  load: LoadSeen,
  rules: ConfigRules,
  now: number,
): ConfigRead | undefined {
  const parsed = parseBalancerConfig(text, FILE);
  if (!parsed.ok) return undefined;
  const { config, faultAt } = parsed;
  const old = against === undefined ? undefined : parseBalancerConfig(against, FILE);
  const facts = { config, against: old?.ok ? old.config : undefined, certificates: [], answers: [], now };
  const findings = lint(facts, faultAt).filter(({ code }) => REFUSED.has(code));
  const warn = (code: string, pool: string, message: string): Finding => ({
    ...faultAt(["pools", pool], message),
    code,
    severity: "warning",
  });
  for (const [name, pool] of Object.entries(config.pools)) {
    const heavy = heaviest(pool);
    if (heavy && heavy.times > rules.share)
      findings.push(
        warn("SHARE_OVER_FAIR", name, `${heavy.name} gets ${heavy.times.toFixed(1)} times its fair share`),
      );
    const [room, needed] = [roomOf(pool), rules.capacity * (load.get(name) ?? 0)];
    if (room < needed)
      findings.push(
        warn(
          "CAPACITY_UNDER_LOAD",
          name,
          `lets ${room} requests at a time through, ${needed.toFixed(1)} are needed`,
        ),
      );
  }
  return { config, findings };
}

/** The findings that the text in force does not have already: to refuse a change for the others would help nobody. */
export function newFindings(after: ConfigRead, before: ConfigRead | undefined): readonly Finding[] {
  const known = new Set((before?.findings ?? []).map(keyOf));
  return after.findings.filter((finding) => !known.has(keyOf(finding)));
}

const FILE = "configuration";
const keyOf = ({ code, path }: Finding): string => `${code} ${path}`;

const takersOf = ({ upstreams }: Pool): Pool["upstreams"] =>
  upstreams.filter(({ state, weight }) => state === "ready" && weight > 0);

const roomOf = (pool: Pool): number =>
  takersOf(pool).reduce((sum, { maxConnections }) => sum + maxConnections, 0);

function heaviest(pool: Pool): { readonly name: string; readonly times: number } | undefined {
  const takers = takersOf(pool);
  if (pool.policy.type === "first" || takers.length < 2) return undefined;
  const total = takers.reduce((sum, { weight }) => sum + weight, 0);
  const most = takers.reduce((a, b) => (b.weight > a.weight ? b : a));
  return { name: most.name, times: (most.weight * takers.length) / total };
}
