import { CodedError, messageOf, systemCode } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { ConfigVersion } from "./history.ts";
import { lint, type Finding } from "./lint/lint.ts";
import type { CertificateFact, CheckAnswer } from "./lint/rule.ts";
import type { LoadSeen } from "../telemetry/service-meter.ts";
import type { ParsedConfig } from "./parse.ts";
import { ConfigRefused } from "./refused.ts";
import type { BalancerConfig } from "./schema.ts";
import type { ChangeNote, ConfigStore } from "./store.ts";
import { canaryRuns } from "./rollout/canary-refusals.ts";
import type { InTurn } from "./turns.ts";
import type { Push, PushGate, PushWay } from "./rollout/push.ts";
import { UnmetNeed } from "./unmet-need.ts";

/** Everything that a configuration needs of the machine, held ready. Exactly one of the two is to be called. */
export interface Preparation {
  /** Those that listeners would serve. */
  readonly certificates?: readonly CertificateFact[];
  commit(version: number): void;
  cancel(): Promise<void>;
}

/** A configuration that was read and whose needs are met, before it is put into force. */
interface Prepared {
  readonly preparation: Preparation;
  readonly parsed: ParsedConfig & { readonly ok: true };
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
  const { log, store, prepare, inForce, inTurn, gate } = deps;

  async function prepared(raw: string | Uint8Array): Promise<Prepared> {
    const parsed = await store.parseAside(raw);
    if (!parsed.ok) throw new ConfigRefused(parsed.faults);
    try {
      return { preparation: await prepare(parsed.config), parsed };
    } catch (error) {
      if (!(error instanceof UnmetNeed)) throw error;
      throw new ConfigRefused([parsed.faultAt(error.path, error.message)]);
    }
  }

  /** Against the configuration in force: to be called before another one is. */
  function findingsOf(
    { parsed: { config, faultAt }, preparation: { certificates = [] } }: Prepared,
    answers: readonly CheckAnswer[],
  ): readonly Finding[] {
    const facts = { config, against: deps.active(), certificates, answers, load: deps.load?.() };
    return lint({ ...facts, now: deps.clock.wall() }, faultAt);
  }

  /** `write` makes the text the file; it calls `record` with the version before that is in place. */
  async function change<T extends { readonly version: number }>(
    raw: string | Uint8Array,
    push: Push,
    write: (record: (version: { readonly version: number }) => void) => T,
  ): Promise<T & { readonly findings: readonly Finding[] }> {
    try {
      gate?.admit(push);
      const ready = await prepared(raw);
      const { preparation, parsed } = ready;
      let written: T;
      let findings: readonly Finding[];
      try {
        findings = findingsOf(ready, []);
        gate?.judge(push, parsed.config, findings);
        written = write(({ version }) => gate?.record(push, version, parsed.config));
      } catch (error) {
        await preparation.cancel();
        throw error;
      }
      preparation.commit(written.version);
      store.settled(written.version);
      deps.onResult("success");
      log.info({ version: written.version }, `version ${written.version} of the configuration is in force`);
      gate?.applied(push, written.version);
      return { ...written, findings };
    } catch (error) {
      gate?.refused(push, error);
      throw failed(error);
    }
  }

  /** Counts and logs a configuration that was refused, and returns the reason. */
  function failed(error: unknown): unknown {
    deps.onResult("failure");
    const code = systemCode(error);
    log.error({ code }, `the configuration was refused, the old one stays in force: ${messageOf(error)}`);
    return error;
  }

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

  function applied(
    raw: string | Uint8Array,
    note: ChangeNote,
    { way = "apply", by, approvedBy, environment, emergency }: PushTerms,
  ): Promise<AppliedVersion> {
    const text = typeof raw === "string" ? raw : new TextDecoder().decode(raw);
    const noted = emergency === true ? { ...note, emergency: true as const } : note;
    const push = { way, note: noted, by, approvedBy, environment, emergency, sha256: store.digest(text) };
    return change(raw, push, (record) => store.apply(text, noted, record));
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
        const push = { ...terms, way: "approved" as const, note, approvedBy: "" };
        const ready = await prepared(yaml);
        await ready.preparation.cancel();
        const findings = findingsOf(ready, []);
        try {
          gate?.propose(push, ready.parsed.config, findings);
        } catch (error) {
          gate?.refused(push, error);
          throw error;
        }
        return findings;
      }),
    async check(yaml) {
      const ready = await inTurn(async () => {
        const ready = await prepared(yaml);
        await ready.preparation.cancel();
        return ready;
      });
      // Not in turn: applying a configuration must not wait for upstreams that do not answer.
      return findingsOf(ready, (await deps.probe?.(ready.parsed.config)) ?? []);
    },
    reload: () =>
      inTurn(async () => {
        await store.lookAside().catch((error: unknown) => {
          throw failed(error);
        });
        const { yaml, version, faults } = readOrFail();
        // The same text, as for a new access log or certificate, is no other change.
        if (version !== inForce()) refuseBesideCanary();
        if (faults.length > 0) throw failed(new ConfigRefused(faults));
        const push = { way: "reload" as const, note: BY_HAND, sha256: store.digest(yaml) };
        return (await change(yaml, push, (record) => taken(store.read(), record))).version;
      }),
  };

  function readOrFail() {
    try {
      return store.read();
    } catch (error) {
      throw failed(error);
    }
  }
}

/** The note of whoever edits the file. */
export const BY_HAND: ChangeNote = { author: "file", reason: "edited by hand" };

function taken<T>(version: T, record: (version: T) => void): T {
  record(version);
  return version;
}
