import { CodedError } from "../../../runtime/errors.ts";
import type { PushTerms } from "../config-control.ts";
import type { ConfigVersion } from "../history.ts";
import { lint, type Finding } from "../lint/lint.ts";
import type { ParsedConfig } from "../parse.ts";
import { ConfigRefused } from "../refused.ts";
import type { BalancerConfig } from "../schema.ts";
import type { ChangeNote } from "../store.ts";
import type { CanaryControlDeps } from "./canary-control.ts";
import { settingsOfBoth } from "./canary-limits.ts";
import { optionsOf } from "./canary-refusals.ts";
import type { CanaryOptions } from "./canary.ts";
import type { Push } from "./push.ts";

/** How a canary is asked for. */
export interface CanaryWish {
  readonly raw: string | Uint8Array;
  readonly note: ChangeNote;
  readonly options: Partial<CanaryOptions>;
  readonly terms: PushTerms;
}

/** A text that passed every guard and is kept as a version; nobody meets it yet. */
export interface AdmittedCanary {
  readonly version: ConfigVersion;
  readonly config: BalancerConfig;
  readonly options: CanaryOptions;
  readonly findings: readonly Finding[];
  readonly push: Push;
}

/** Throws what the gate refuses, ConfigRefused, CONFIG_CONFLICT and DISK; then nothing is kept. */
export async function admitCanary(
  { clock, store, balancer, gate }: CanaryControlDeps,
  { raw, note, options: given, terms }: CanaryWish,
): Promise<AdmittedCanary> {
  requireInForce(balancer.version, terms);
  const options = optionsOf(given, balancer.config);
  const yaml = typeof raw === "string" ? raw : new TextDecoder().decode(raw);
  const { by, approvedBy, environment, emergency } = terms;
  const sha256 = store.digest(yaml);
  const push: Push = { way: "canary", note, by, approvedBy, environment, emergency, sha256 };

  /** Throws what the gate does, which counts it. */
  function admitted(pass: () => void): void {
    try {
      pass();
    } catch (error) {
      gate?.refused(push, error);
      throw error;
    }
  }

  admitted(() => gate?.admit(push));
  const { config, faultAt } = readable(await store.parseAside(raw), balancer.config);
  const findings = lint(
    { config, against: balancer.config, certificates: [], answers: [], now: clock.wall() },
    faultAt,
  );
  admitted(() => gate?.judge(push, config, findings));
  return { version: store.beginCanary(yaml, note), config, options, findings, push };
}

function requireInForce(version: number, { expected }: PushTerms): void {
  if (expected !== undefined && !expected.includes(version))
    throw new CodedError("CONFIG_CONFLICT", `version ${version} is in force, and not what was expected`);
}

/** Refuses what is faulty, and other settings than those in force where both versions share them. */
function readable(parsed: ParsedConfig, inForce: BalancerConfig): ParsedConfig & { readonly ok: true } {
  if (!parsed.ok) throw new ConfigRefused(parsed.faults);
  const shared = settingsOfBoth(parsed.config, inForce);
  if (shared.length === 0) return parsed;
  throw new ConfigRefused(shared.map(({ path, message }) => parsed.faultAt(path, message)));
}
