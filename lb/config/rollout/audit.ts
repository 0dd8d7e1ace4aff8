import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { PoolView } from "../../balancer.ts";
import type { RolloutMetrics } from "../../telemetry/rollout-metrics.ts";
import type { ConfigControl } from "../config-control.ts";
import type { Finding } from "../lint/lint.ts";
import type { BalancerConfig } from "../schema.ts";
import type { ChangeLog } from "./change-log.ts";
import type { VersionInForce } from "./change-state.ts";
import type { AuditOptions } from "./options.ts";

/** What the last audit found: how what runs differs from what was reviewed and filed, and what lint says of it. */
export interface AuditReport {
  /** ISO 8601, UTC, of the comparison and of lint; undefined: not yet. */
  readonly comparedAt: string | undefined;
  readonly lintedAt: string | undefined;
  readonly drift: readonly string[];
  readonly findings: readonly Finding[];
  /** Why the configuration in force could not be put in force again: a certificate that is gone, for instance. */
  readonly fault: string | undefined;
}

/** Compares and lints on a schedule, and when asked. */
export interface Audit {
  readonly last: AuditReport;
  configure(options: AuditOptions | undefined): void;
  /** Both parts, now. */
  run(): Promise<AuditReport>;
  stop(): void;
}

export interface AuditDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: ChangeLog;
  readonly metrics: Pick<RolloutMetrics, "auditProblems" | "auditedAt">;
  readonly inForce: () => VersionInForce;
  readonly active: () => BalancerConfig;
  readonly pools: () => readonly PoolView[];
  /** Digest of the configuration file as it is; undefined: there is none. Throws DISK. */
  readonly fileDigest: () => string | undefined;
  readonly control: () => Pick<ConfigControl, "check" | "current">;
}

export function createAudit(deps: AuditDeps): Audit {
  const { clock, log, changes, metrics, control } = deps;
  let last: AuditReport = {
    comparedAt: undefined,
    lintedAt: undefined,
    drift: [],
    findings: [],
    fault: undefined,
  };
  let options: AuditOptions | undefined;
  let cancels: readonly Cancel[] = [];

  const now = (): string => new Date(clock.wall()).toISOString();

  function took(part: Partial<AuditReport>, kind: "drift" | "lint"): void {
    const before = problemsOf(last);
    last = { ...last, ...part };
    metrics.auditProblems.of("drift").value = last.drift.length;
    metrics.auditProblems.of("lint").value = last.findings.length + (last.fault === undefined ? 0 : 1);
    metrics.auditedAt.of(kind).value = Math.floor(clock.wall() / 1000);
    const problems = problemsOf(last);
    if (problems.join("\n") === before.join("\n")) return;
    if (problems.length === 0) log.info("the audit finds nothing any more");
    else
      log.warn({ problems }, `the audit finds ${problems.length} problem${problems.length === 1 ? "" : "s"}`);
    if (changes.begun) changes.note({ event: "audited", problems });
  }

  function compare(): void {
    took({ drift: driftOf(deps), comparedAt: now() }, "drift");
  }

  async function lint(): Promise<void> {
    try {
      const findings = await control().check(control().current.yaml);
      took({ findings, fault: undefined, lintedAt: now() }, "lint");
    } catch (error) {
      took({ findings: [], fault: messageOf(error), lintedAt: now() }, "lint");
    }
  }

  return {
    get last() {
      return last;
    },
    configure(wanted) {
      if (JSON.stringify(wanted) === JSON.stringify(options)) return;
      options = wanted;
      for (const cancel of cancels) cancel();
      cancels = wanted
        ? [every(clock, wanted.driftEveryMs, compare), every(clock, wanted.lintEveryMs, () => void lint())]
        : [];
    },
    async run() {
      compare();
      await lint();
      return last;
    },
    stop() {
      for (const cancel of cancels) cancel();
    },
  };
}

const problemsOf = ({ drift, findings, fault }: AuditReport): readonly string[] => [
  ...drift,
  ...(fault === undefined ? [] : [`the configuration in force could not be taken again: ${fault}`]),
  ...findings.map(({ code, path, message }) => `${code}: ${path}: ${message}`),
];

/** How what runs differs from its file, from what was reviewed, and from its own text. */
function driftOf({ inForce, active, pools, fileDigest, changes }: AuditDeps): readonly string[] {
  const { version, sha256 } = inForce();
  const config = active();
  const unreviewed = config.rollout?.review === "required" && !changes.state.reviewed.has(sha256);
  return [
    ...fileDrift(fileDigest, version, sha256),
    ...(unreviewed ? [`version ${version} is in force and nobody has reviewed it`] : []),
    ...pools().flatMap((pool) => upstreamDrift(pool, config)),
  ];
}

function fileDrift(fileDigest: () => string | undefined, version: number, sha256: string): readonly string[] {
  try {
    const filed = fileDigest();
    if (filed === sha256) return [];
    return [
      filed === undefined
        ? "the configuration file is gone"
        : `the configuration file is not version ${version}, which is in force`,
    ];
  } catch (error) {
    return [`the configuration file cannot be read: ${messageOf(error)}`];
  }
}

const SET: Readonly<Record<string, string>> = { DRAIN: "drain", MAINT: "maintenance" };

function upstreamDrift(pool: PoolView, config: BalancerConfig): readonly string[] {
  const wanted = new Map(config.pools[pool.name]?.upstreams.map((one) => [one.name, one]));
  return pool.upstreams.flatMap(({ name, weight, state }) => {
    const one = wanted.get(name);
    if (!one) return [];
    const set = SET[state] ?? "ready";
    return [
      ...(weight === one.weight
        ? []
        : [`upstream ${name} of pool ${pool.name} has weight ${weight}, configured is ${one.weight}`]),
      ...(set === one.state
        ? []
        : [`upstream ${name} of pool ${pool.name} is set to ${set}, configured is ${one.state}`]),
    ];
  });
}
