import type { Clock } from "../../runtime/clock.ts";
import type { Hashing } from "../../runtime/hashing.ts";
import type { Fault } from "../../runtime/yaml/fault.ts";
import type { ConfigVersion } from "./history.ts";
import type { ConfigMedium } from "./medium.ts";
import type { Parser } from "./parse-aside.ts";
import type { ParsedConfig } from "./parse.ts";
import { storedCanaries } from "./store/canaries.ts";
import { onDisk } from "./store/disk.ts";
import { createParses } from "./store/parses.ts";
import { createStoredFile } from "./store/file.ts";
import { createVersions, type VersionWithText } from "./store/versions.ts";

/** Who changes a configuration, and why. */
export interface ChangeNote {
  readonly author: string;
  readonly reason: string;
  /** The version whose content this is. */
  readonly restores?: number;
  /** The reviewer. */
  readonly approvedBy?: string;
  /** It came by the emergency path. */
  readonly emergency?: true;
}

/** The configuration file as it is now. */
export interface StoredConfig {
  readonly yaml: string;
  /** Its version; 0 while it is faulty, and therefore none. */
  readonly version: number;
  readonly faults: readonly Fault[];
}

/**
 * The configuration file and its history, for one process at a time: the balancer, or the
 * lab while the balancer is down. An edit by hand becomes a version of its own at the next read.
 * Throws CONFIG_INVALID, NOT_FOUND and DISK; after any of them the file is as it was.
 */
export interface ConfigStore {
  readonly path: string;
  /** Parses a text without putting it in place. */
  parse(raw: string | Uint8Array): ParsedConfig;
  /** The same without blocking: large texts are read by another thread. */
  parseAside(raw: string | Uint8Array): Promise<ParsedConfig>;
  /** Reads the file aside if it has changed, so that `read` and `history` have nothing more to parse. */
  lookAside(): Promise<void>;
  /** This version is in force now: the positions of its fields are no longer needed, and it is kept. */
  settled(version: number): void;
  read(): StoredConfig;
  /**
   * Makes a text the file. One that the file has already is no new version. `before` is called with the version when all
   * that is left is to put it in place: what it throws is thrown, and leaves the file as it was.
   */
  apply(yaml: string, note: ChangeNote, before?: (version: ConfigVersion) => void): ConfigVersion;
  /** SHA-256 of a text or of its bytes, as the history has it. */
  digest(text: string | Uint8Array): string;
  /** Digest of the file as it is, which is not taken up by this; undefined: there is none. */
  fileDigest(): string | undefined;
  /** The change log and the proposal's text, beside the file. */
  readonly beside: Pick<ConfigMedium, "changes" | "proposals">;
  /** `apply` for a new beginning: whatever was there is forgotten. */
  create(yaml: string, note: ChangeNote): ConfigVersion;
  /** Oldest first. */
  history(): readonly ConfigVersion[];
  at(version: number): (ConfigVersion & { readonly yaml: string }) | undefined;
  /**
   * The text that `rollback` would put in place: of that version, or of the last one that differs from the file. After a
   * rollback that is one before the version that it went back to.
   */
  earlier(version?: number): ConfigVersion & { readonly yaml: string };
  /** Puts an earlier text in place again, as a new version. */
  rollback(version: number | undefined, note: ChangeNote): ConfigVersion;
  /** Keeps a text as a version that is tried beside the file's, which stays. */
  beginCanary(yaml: string, note: ChangeNote): ConfigVersion;
  /** Makes the canary's text the file. Throws CONFIG_CONFLICT when that is not as version `over` has it any more. */
  promoteCanary(version: number, over: number): ConfigVersion;
  /** It did not become the file: that is what the history says of it from here on. */
  endCanary(version: number, how: "aborted" | "lost"): void;
  /** The canary of a process that has ended meanwhile. */
  openCanary(): ConfigVersion | undefined;
}

export interface ConfigStoreDeps {
  readonly clock: Clock;
  readonly hashing: Hashing;
  /** Absent: every text is read at once. */
  readonly parser?: Parser;
}

export function createConfigStore(
  medium: ConfigMedium,
  { clock, hashing: { digest }, parser }: ConfigStoreDeps,
): ConfigStore {
  const { path } = medium;
  const parses = createParses(path, digest, parser);
  const versions = createVersions(medium, clock, digest);
  const file = createStoredFile({ medium, parses, versions, digest });

  function earlier(version?: number): VersionWithText {
    const now = digest(versions.load());
    // An edit by hand is a version that can be gone back from.
    if (version === undefined) file.read();
    return versions.earlier(version, now);
  }

  return {
    path,
    parse: (raw) => parses.parse(raw),
    parseAside: (raw) => parses.parseAside(raw),
    async lookAside() {
      const bytes = versions.load();
      if (versions.latestOfFile()?.sha256 !== digest(bytes)) await parses.parseAside(bytes);
    },
    settled(version) {
      file.settled(version);
      parses.forget();
    },
    read: () => file.read(),
    apply: (yaml, note, before) => file.apply(yaml, note, before),
    create(yaml, note) {
      parses.demand(yaml);
      versions.clear();
      const version = versions.noted(yaml, note);
      versions.put(version, yaml, undefined);
      return version;
    },
    history() {
      file.read();
      return versions.list();
    },
    at: (version) => versions.at(version),
    earlier,
    digest: (text) => digest(text),
    fileDigest() {
      const bytes = onDisk(() => medium.read());
      return bytes && digest(bytes);
    },
    beside: medium,
    rollback(version, note) {
      const found = earlier(version);
      return file.apply(found.yaml, { ...note, restores: found.version });
    },
    ...storedCanaries({ path, parses, versions, digest, file }),
  };
}
