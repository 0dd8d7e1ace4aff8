import { CodedError, messageOf, systemCode } from "../runtime/errors.ts";
import type { Log } from "../runtime/log.ts";
import type { ConfigVersion } from "./config/history.ts";
import { ConfigRefused } from "./config/refused.ts";
import type { BalancerConfig } from "./config/schema.ts";
import type { ChangeNote, ConfigStore } from "./config/store.ts";
import { UnmetNeed } from "./unmet-need.ts";

/** Everything that a configuration needs of the machine, held ready. Exactly one of the two is to be called. */
export interface Preparation {
  commit(version: number): void;
  cancel(): Promise<void>;
}

export interface ConfigControlDeps {
  readonly log: Log;
  readonly store: ConfigStore;
  /** Throws UnmetNeed for what cannot be had; nothing is held then. */
  readonly prepare: (config: BalancerConfig) => Promise<Preparation>;
  /** Version in force. */
  readonly inForce: () => number;
  /** A configuration was asked for: it took effect, or the old one stayed. */
  readonly onResult: (result: "success" | "failure") => void;
}

/**
 * The only way to another configuration: parse, get what it needs, write it down, put it into force. Whatever fails,
 * the old one stays in force and in its file. One change at a time; throws ConfigRefused, NOT_FOUND, CONFIG_CONFLICT, DISK.
 */
export interface ConfigControl {
  /** The text in force and its version. */
  readonly current: { readonly version: number; readonly yaml: string };
  /** `expected`: refuse with CONFIG_CONFLICT when another version is in force. */
  apply(yaml: string | Uint8Array, note: ChangeNote, expected?: number): Promise<ConfigVersion>;
  rollback(version: number | undefined, note: ChangeNote, expected?: number): Promise<ConfigVersion>;
  /** Whether a text could be applied now: also binds its addresses, and lets them go again. */
  check(yaml: string | Uint8Array): Promise<void>;
  /** Takes up the file as it is now. Its version. */
  reload(): Promise<number>;
}

export function createConfigControl(deps: ConfigControlDeps): ConfigControl {
  const { log, store, prepare, inForce } = deps;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = last.then(run, run);
    last = turn.catch(() => {});
    return turn;
  }

  async function prepared(raw: string | Uint8Array): Promise<Preparation> {
    const parsed = store.parse(raw);
    if (!parsed.ok) throw new ConfigRefused(parsed.faults);
    try {
      return await prepare(parsed.config);
    } catch (error) {
      if (!(error instanceof UnmetNeed)) throw error;
      throw new ConfigRefused([parsed.faultAt(error.path, error.message)]);
    }
  }

  /** `write` makes the text the file and gives its version. */
  async function change<T>(
    raw: string | Uint8Array,
    write: () => { readonly version: number; readonly result: T },
  ) {
    try {
      const preparation = await prepared(raw);
      let written: { readonly version: number; readonly result: T };
      try {
        written = write();
      } catch (error) {
        await preparation.cancel();
        throw error;
      }
      preparation.commit(written.version);
      deps.onResult("success");
      log.info({ version: written.version }, `version ${written.version} of the configuration is in force`);
      return written.result;
    } catch (error) {
      throw failed(error);
    }
  }

  /** Counts and logs a configuration that was not taken, and hands the reason on. */
  function failed(error: unknown): unknown {
    deps.onResult("failure");
    const code = systemCode(error);
    log.error({ code }, `the configuration was not taken, the old one serves on: ${messageOf(error)}`);
    return error;
  }

  function expect(expected: number | undefined): void {
    if (expected !== undefined && expected !== inForce())
      throw new CodedError("CONFIG_CONFLICT", `version ${inForce()} is in force, not ${expected}`, {
        hint: "look at what is in force now, and apply to that",
      });
  }

  function applied(raw: string | Uint8Array, note: ChangeNote): Promise<ConfigVersion> {
    return change(raw, () => {
      const result = store.apply(typeof raw === "string" ? raw : new TextDecoder().decode(raw), note);
      return { version: result.version, result };
    });
  }

  return {
    get current() {
      const version = inForce();
      return { version, yaml: store.at(version)?.yaml ?? "" };
    },
    apply: (yaml, note, expected) =>
      inTurn(async () => {
        expect(expected);
        return applied(yaml, note);
      }),
    rollback: (version, note, expected) =>
      inTurn(async () => {
        expect(expected);
        return applied(store.earlier(version).yaml, note);
      }),
    check: (yaml) => inTurn(async () => (await prepared(yaml)).cancel()),
    reload: () =>
      inTurn(async () => {
        const { yaml, faults } = readOrFail();
        if (faults.length > 0) throw failed(new ConfigRefused(faults));
        return change(yaml, () => {
          const { version } = store.read();
          return { version, result: version };
        });
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
