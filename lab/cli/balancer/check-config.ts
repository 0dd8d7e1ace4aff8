import { parseAddress } from "../../../lb/address.ts";
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, EXIT, messageOf } from "../../../runtime/errors.ts";
import { portHolder, type PortHolder } from "../../../runtime/port-holder.ts";
import type { BindFailure } from "../../../lb/listener/bind-failure.ts";
import { formatFinding, lint } from "../../../lb/config/lint/lint.ts";
import type { CertificateFact } from "../../../lb/config/lint/rule.ts";
import { parseBalancerConfig } from "../../../lb/config/parse.ts";
import { formatFault, type Fault } from "../../../runtime/yaml/fault.ts";
import type { BalancerConfig } from "../../../lb/config/schema.ts";
import { probeChecks } from "../../../lb/config/probe-checks.ts";
import { readTlsIdentity } from "../../../lb/listener/tls/tls-identity.ts";
import { trialBind } from "../../../lb/listener/trial-bind.ts";
import { UnmetNeed } from "../../../lb/config/unmet-need.ts";
import type { Output } from "../output.ts";

export interface CheckFlags {
  /** Path of the YAML file. */
  readonly config: string;
  /** File of the configuration that it is to replace. */
  readonly against?: string;
  /** False: the health checks are not sent to the upstreams. */
  readonly probe?: boolean;
}

export interface CheckDeps {
  readonly clock: Clock;
  readonly output: Output;
  /** The balancer that this configuration is for, if it runs: what it has in force, and its sockets. */
  readonly running?: (() => Promise<RunningOne | undefined>) | undefined;
  /** Whether the process that holds a port is a balancer that serves this very file. */
  readonly serves?: (holder: PortHolder, file: string) => boolean;
}

export interface RunningOne {
  readonly pid: number | undefined;
  readonly yaml: string;
}

type CodedFault = Fault & { readonly code: "CONFIG_INVALID" | "PORT_IN_USE" };

/**
 * Whether a configuration can be taken, and what may be said against it: schema, certificates, a trial bind, lint, and
 * its health checks sent once. Exit code 0 with warnings only, 3 when only addresses cannot be bound, else 2.
 */
export async function checkConfig(flags: CheckFlags, deps: CheckDeps): Promise<number> {
  const { clock, output } = deps;
  const file = flags.config;
  const parsed = parseBalancerConfig(contents(file), file);
  if (!parsed.ok) return report(output, file, parsed.faults.map(invalid), []);
  const { config, faultAt } = parsed;
  const running = await deps.running?.();
  const files = readCertificates(config, dirname(resolve(file)));
  const faults: CodedFault[] = files.unmet.map(({ path, message }) => invalid(faultAt(path, message)));
  const log = unwritableLog(config, dirname(resolve(file)));
  if (log !== undefined) faults.push(invalid(faultAt(["accessLog", "path"], log)));
  for (const failure of await trialBind(config)) {
    const reported = await bindFault(failure, file, running?.pid, deps.serves);
    if (reported !== undefined) faults.push({ ...faultAt(failure.path, reported), code: "PORT_IN_USE" });
  }
  const findings = lint(
    {
      config,
      against: flags.against === undefined ? parsedOf(running?.yaml) : goodConfig(flags.against),
      certificates: files.certificates,
      answers: flags.probe === false ? [] : await probeChecks(config, clock),
      now: clock.wall(),
    },
    faultAt,
  );
  return report(output, file, faults, findings);
}

function report(
  output: Output,
  file: string,
  faults: readonly CodedFault[],
  findings: ReturnType<typeof lint>,
): number {
  const errors = findings.filter(({ severity }) => severity === "error");
  const ok = faults.length === 0 && errors.length === 0;
  if (output.json) output.printJson({ schemaVersion: 1, ok, file, faults, findings });
  else {
    const lines = [...faults.map(formatFault), ...findings.map(formatFinding)];
    if (lines.length > 0) output.note(lines.join("\n"));
    if (findings.length > 0) output.note("what a code means: npx lblab balancer --explain CODE");
    if (ok) output.print(`OK ${file}${findings.length === 0 ? "" : `, with ${findings.length} warnings`}`);
  }
  if (ok) return EXIT.ok;
  return errors.length === 0 && faults.every(({ code }) => code === "PORT_IN_USE")
    ? EXIT.environment
    : EXIT.usage;
}

const invalid = (fault: Fault): CodedFault => ({ ...fault, code: "CONFIG_INVALID" });

function readCertificates({ listeners }: BalancerConfig, directory: string) {
  const certificates: CertificateFact[] = [];
  const unmet: UnmetNeed[] = [];
  listeners.forEach(({ tls }, index) => {
    try {
      if (tls)
        certificates.push(...readTlsIdentity(tls, directory, ["listeners", index, "tls"]).certificates);
    } catch (error) {
      if (!(error instanceof UnmetNeed)) throw error;
      unmet.push(error);
    }
  });
  return { certificates, unmet };
}

/** Why the access log could not be opened, without making it; undefined when it could. */
function unwritableLog({ accessLog }: BalancerConfig, directory: string): string | undefined {
  if (accessLog === undefined || accessLog.format === "off") return undefined;
  const path = resolve(directory, accessLog.path);
  try {
    const there = existsSync(path);
    if (there && statSync(path).isDirectory()) return `${path} is a directory: name a file in it`;
    if (!there && !statSync(dirname(path)).isDirectory()) return `${dirname(path)} is no directory`;
    accessSync(there ? path : dirname(path), constants.W_OK);
    return undefined;
  } catch (error) {
    return `the access log cannot be opened: ${messageOf(error)}`;
  }
}

/** Why an address cannot be bound; undefined when it is held by the balancer that this configuration is for. */
async function bindFault(
  failure: BindFailure,
  file: string,
  pid: number | undefined,
  serves: CheckDeps["serves"],
): Promise<string | undefined> {
  if (failure.system !== "EADDRINUSE") return failure.message;
  const holder = await portHolder(parseAddress(failure.bind).port);
  if (!holder) return `${failure.message}: a process that cannot be seen has it`;
  if (holder.pid === pid || serves?.(holder, resolve(file)) === true) return undefined;
  return `${failure.message}: ${holder.name} (pid ${holder.pid}) has it`;
}

function parsedOf(yaml: string | undefined): BalancerConfig | undefined {
  const parsed = yaml === undefined ? undefined : parseBalancerConfig(yaml, "");
  return parsed?.ok === true ? parsed.config : undefined;
}

function goodConfig(file: string): BalancerConfig {
  const parsed = parseBalancerConfig(contents(file), file);
  if (parsed.ok) return parsed.config;
  throw new CodedError("CONFIG_INVALID", parsed.faults.map(formatFault).join("\n"));
}

function contents(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CodedError("USAGE", `${path}: ${messageOf(error)}`, { cause: error });
  }
}
