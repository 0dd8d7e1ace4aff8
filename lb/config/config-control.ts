import { CodedError } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { ConfigVersion } from "./history.ts";
import type { Finding } from "./lint/lint.ts";
import type { CertificateFact, CheckAnswer } from "./lint/rule.ts";
import type { LoadSeen } from "../telemetry/service-meter.ts";
import { createConfigChanges } from "./config-change.ts";
import { ConfigRefused } from "./refused.ts";
import type { BalancerConfig } from "./schema.ts";
import type { ChangeNote, ConfigStore } from "./store.ts";
import { canaryRuns } from "./rollout/canary-refusals.ts";
import type { InTurn } from "./turns.ts";
import type { Push, PushGate, PushWay } from "./rollout/push.ts";

/** Everything that a configuration needs of the machine, held ready. Exactly one of the two is to be called. */
export interface Preparation {
  /** Those that listeners would serve. */
  readonly certificates?: readonly CertificateFact[];
  commit(version: number): void;
  cancel(): Promise<void>;
}

/** A version that is in force now, with the findings against it. */
export interface AppliedVersion extends ConfigVersion {
  readonly findings: readonly Finding[];
}

export interface ConfigControlDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: ConfigStore;
  /** Throws UnmetNeed for what cannot be had; nothing is held then. */
  readonly prepare: (config: BalancerConfig) => Promise<Preparation>;
  /** Version in force, and its settings. */
  readonly inForce: () => number;
  readonly active: () => BalancerConfig;
  /** Probes upstreams once with the request of their health checks; absent: no upstream is probed. */
  readonly probe?: ((config: BalancerConfig) => Promise<readonly CheckAnswer[]>) | undefined;
  /** One change at a time, with those of the canary. */
  readonly inTurn: InTurn;
  /** The version that is a canary; undefined: there is none. No other change is made beside it. */
  readonly canary: () => number | undefined;
  /** A configuration was asked for: it took effect, or the old one stayed. */
  readonly onResult: (result: "success" | "failure") => void;
  /** What every change has to pass; absent: nothing. */
  readonly gate?: PushGate | undefined;
  /** The busiest load seen, for rules that compare with it; absent: none was looked at. */
  readonly load?: (() => LoadSeen | undefined) | undefined;
}

/** How a change is asked for, beside its text and its note. */
export interface PushTerms extends Pick<Push, "by" | "approvedBy" | "environment" | "emergency"> {
  /** Versions of which one must be in force: refused with CONFIG_CONFLICT when another is. */
  readonly expected?: readonly number[] | undefined;
  /** Absent: what is called says it. */
  readonly way?: PushWay;
}

/**
 * The only way to another configuration: parse, get what it needs, write it down, put it into force. Whatever fails,
 * the old one stays in force and in its file. One change at a time; throws ConfigRefused, PushRefused, NOT_FOUND,
 * CONFIG_CONFLICT, DISK.
 */
export interface ConfigControl {
  /** The text in force and its version. */
  readonly current: { readonly version: number; readonly yaml: string };
  apply(yaml: string | Uint8Array, note: ChangeNote, terms?: PushTerms): Promise<AppliedVersion>;
  rollback(version: number | undefined, note: ChangeNote, terms?: PushTerms): Promise<AppliedVersion>;
  /** What lint says of a text that could be applied, were it approved. Throws what `apply` would. */
  examine(yaml: string, note: ChangeNote, terms: PushTerms): Promise<readonly Finding[]>;
  /**
   * Whether a text could be applied now, with the findings against it: also binds its addresses, and releases them
   * again, and probes its upstreams once with the request of their health checks.
   */
  check(yaml: string | Uint8Array): Promise<readonly Finding[]>;
  /** Takes up the file as it is now. Its version. */
  reload(): Promise<number>;
}

export function createConfigControl(deps: ConfigControlDeps): ConfigControl {
  const { store, inForce, inTurn } = deps;
  const changes = createConfigChanges(deps);
  const { change, failed } = changes;

  function expect({ expected }: PushTerms): void {
    refuseBesideCanary();
    if (expected !== undefined && !expected.includes(inForce()))
      throw new CodedError("CONFIG_CONFLICT", `version ${inForce()} is in force, and not what was expected`, {
        hint: "look at what is in force now, and apply to that",
      });
  }

  function refuseBesideCanary(): void {
    const version = deps.canary();
    if (version !== undefined) throw failed(canaryRuns(version));
  }

  function applied(raw: string | Uint8Array, note: ChangeNote, terms: PushTerms): Promise<AppliedVersion> {
    const text = typeof raw === "string" ? raw : new TextDecoder().decode(raw);
    const push = pushOf(note, terms, store.digest(text));
    return change(raw, push, (record) => store.apply(text, push.note, record));
  }

  async function reload(): Promise<number> {
    const { yaml, version, faults } = await changes.orFail(async () => {
      await store.lookAside();
      return store.read();
    });
    // The same text, as for a new access log or certificate, is no other change.
    if (version !== inForce()) refuseBesideCanary();
    if (faults.length > 0) throw failed(new ConfigRefused(faults));
    const push = { way: "reload" as const, note: BY_HAND, sha256: store.digest(yaml) };
    return (await change(yaml, push, (record) => taken(store.read(), record))).version;
  }

  return {
    get current() {
      const version = inForce();
      return { version, yaml: store.at(version)?.yaml ?? "" };
    },
    apply: (yaml, note, terms = {}) =>
      inTurn(async () => {
        expect(terms);
        return applied(yaml, note, terms);
      }),
    rollback: (version, note, terms = {}) =>
      inTurn(async () => {
        expect(terms);
        const found = store.earlier(version);
        return applied(found.yaml, { ...note, restores: found.version }, { way: "rollback", ...terms });
      }),
    examine: (yaml, note, terms) =>
      inTurn(async () => {
        expect(terms);
        return changes.propose(yaml, { ...terms, way: "approved", note, approvedBy: "" });
      }),
    async check(yaml) {
      const ready = await inTurn(() => changes.tried(yaml));
      // Not in turn: applying a configuration must not wait for upstreams that do not answer.
      return changes.findingsOf(ready, (await deps.probe?.(ready.parsed.config)) ?? []);
    },
    reload: () => inTurn(reload),
  };
}

function pushOf(
  note: ChangeNote,
  { way = "apply", by, approvedBy, environment, emergency }: PushTerms,
  sha256: string,
): Push {
  const noted = emergency === true ? { ...note, emergency: true as const } : note;
  return { way, note: noted, by, approvedBy, environment, emergency, sha256 };
}

/** The note of whoever edits the file. */
export const BY_HAND: ChangeNote = { author: "file", reason: "edited by hand" };

function taken<T>(version: T, record: (version: T) => void): T {
  record(version);
  return version;
}
