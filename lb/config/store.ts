import type { Clock } from "../../runtime/clock.ts";
import { CodedError, messageOf } from "../../runtime/errors.ts";
import type { Hashing } from "../../runtime/hashing.ts";
import type { Fault } from "../../runtime/yaml/fault.ts";
import type { ConfigVersion } from "./history.ts";
import type { ConfigMedium } from "./medium.ts";
import type { Parser } from "./parse-aside.ts";
import { parseBalancerConfig, type ParsedConfig } from "./parse.ts";
import { ConfigRefused } from "./refused.ts";

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

/** So many versions are kept; older ones are forgotten, but for the one in force. */
const KEPT_VERSIONS = 100;

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
  { clock, hashing, parser }: ConfigStoreDeps,
): ConfigStore {
  const { path } = medium;
  const { digest } = hashing;
  const history = onDiskAlways(medium.history);
  let inForce: number | undefined;
  let parsedLast: { readonly sha256: string; readonly parsed: ParsedConfig } | undefined;

  /**
   * The same text is asked about several times in a row, to prepare it and to keep it, and each time costs: the last one is
   * remembered until it is in force. One that is refused may stay in the file for long, and is parsed by each read of the history.
   */
  function parse(raw: string | Uint8Array): ParsedConfig {
    return remembered(raw) ?? remember(raw, parseBalancerConfig(raw, path));
  }

  function remembered(raw: string | Uint8Array): ParsedConfig | undefined {
    return parsedLast?.sha256 === digest(raw) ? parsedLast.parsed : undefined;
  }

  function remember(raw: string | Uint8Array, parsed: ParsedConfig): ParsedConfig {
    parsedLast = { sha256: digest(raw), parsed };
    return parsed;
  }

  async function parseAside(raw: string | Uint8Array): Promise<ParsedConfig> {
    if (parser === undefined) return parse(raw);
    const bytes = typeof raw === "string" ? new TextEncoder().encode(raw) : raw;
    return remembered(raw) ?? remember(raw, await parser(bytes, path));
  }

  async function lookAside(): Promise<void> {
    const bytes = load();
    if (latestOfFile()?.sha256 !== digest(bytes)) await parseAside(bytes);
  }

  function settled(version: number): void {
    inForce = version;
    if (parsedLast?.parsed.ok === true) parsedLast = undefined;
  }

  function load(): Uint8Array {
    const bytes = onDisk(() => medium.read());
    if (bytes === undefined) throw new CodedError("NOT_FOUND", `${path}: no such file`);
    return bytes;
  }

  /** The last version that the file had: a canary's is none. */
  function latestOfFile(): ConfigVersion | undefined {
    const latest = history.latest();
    return latest?.canary === undefined
      ? latest
      : history.list().findLast(({ canary }) => canary === undefined);
  }

  function noted(
    yaml: string,
    { author, reason, restores, approvedBy, emergency }: ChangeNote,
  ): ConfigVersion {
    const version = (history.latest()?.version ?? 0) + 1;
    const at = new Date(clock.wall()).toISOString();
    return {
      version,
      at,
      author,
      reason,
      sha256: digest(yaml),
      ...(restores !== undefined && { restores }),
      ...(approvedBy !== undefined && { approvedBy }),
      ...(emergency !== undefined && { emergency }),
    };
  }

  /** A record that cannot be removed is no reason to refuse the version that has just been kept. */
  function prune(): void {
    try {
      const spare = history.list().slice(0, -KEPT_VERSIONS);
      for (const { version } of spare) if (version !== inForce) history.remove(version);
    } catch {
      // The next version prunes again.
    }
  }

  function read(): StoredConfig {
    const bytes = load();
    const yaml = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const latest = latestOfFile();
    if (latest?.sha256 === digest(bytes)) return { yaml, version: latest.version, faults: [] };
    const parsed = parse(bytes);
    if (!parsed.ok) return { yaml, version: 0, faults: parsed.faults };
    const reason = latest === undefined ? "found at the start" : "edited by hand";
    const version = noted(yaml, { author: "file", reason });
    onDisk(() => history.prepare(version, yaml).commit());
    prune();
    return { yaml, version: version.version, faults: [] };
  }

  function apply(
    yaml: string,
    note: ChangeNote,
    before: (version: ConfigVersion) => void = () => {},
  ): ConfigVersion {
    const parsed = parse(yaml);
    if (!parsed.ok) throw new ConfigRefused(parsed.faults);
    // The file may have been edited by hand since the last read.
    const inPlace = onDisk(() => medium.read());
    if (inPlace !== undefined) read();
    const latest = latestOfFile();
    if (latest?.sha256 === digest(yaml) && inPlace !== undefined && digest(inPlace) === digest(yaml)) {
      before(latest);
      return latest;
    }
    const version = noted(yaml, note);
    before(version);
    put(version, yaml, inPlace);
    prune();
    return version;
  }

  function put(version: ConfigVersion, yaml: string, inPlace: Uint8Array | undefined): void {
    onDisk(() => {
      const file = medium.prepare(yaml);
      let placed = false;
      try {
        const record = history.prepare(version, yaml);
        // The file first: a reader between the two takes the new text for an edit, and is corrected at once.
        file.commit();
        placed = true;
        record.commit();
      } catch (error) {
        if (!placed) file.discard();
        // Else a restart would bring into force what was refused.
        else if (inPlace)
          medium.prepare(new TextDecoder("utf-8", { ignoreBOM: true }).decode(inPlace)).commit();
        throw error;
      }
    });
  }

  function at(version: number): (ConfigVersion & { readonly yaml: string }) | undefined {
    const meta = history.list().find((entry) => entry.version === version);
    const yaml = history.yaml(version);
    return meta && yaml !== undefined ? { ...meta, yaml } : undefined;
  }

  function earlier(version?: number): ConfigVersion & { readonly yaml: string } {
    const now = digest(load());
    if (version === undefined) read();
    const wanted = version ?? oneBefore(now);
    const found = wanted === undefined ? undefined : at(wanted);
    if (found) return found;
    throw new CodedError(
      "NOT_FOUND",
      version === undefined ? "there is no earlier version" : `there is no version ${version}`,
      { hint: "name one of the history" },
    );
  }

  /** A rollback counts as the version that it restores: two rollbacks in a row do not go forward. */
  function oneBefore(sha256: string): number | undefined {
    const all = history.list().filter(({ canary }) => canary === undefined);
    const latest = all.at(-1);
    const place = latest?.sha256 === sha256 ? (latest.restores ?? latest.version) : Infinity;
    return all.findLast((entry) => entry.version < place && entry.sha256 !== sha256)?.version;
  }

  return {
    path,
    parse,
    parseAside,
    lookAside,
    settled,
    read,
    apply,
    create(yaml, note) {
      const parsed = parse(yaml);
      if (!parsed.ok) throw new ConfigRefused(parsed.faults);
      onDisk(() => history.clear());
      const version = noted(yaml, note);
      put(version, yaml, undefined);
      return version;
    },
    history() {
      read();
      return history.list();
    },
    at,
    earlier,
    digest: (text) => digest(text),
    fileDigest() {
      const bytes = onDisk(() => medium.read());
      return bytes && digest(bytes);
    },
    beside: medium,
    rollback(version, note) {
      const found = earlier(version);
      return apply(found.yaml, { ...note, restores: found.version });
    },
    ...canaries(),
  };

  function canaries(): Pick<ConfigStore, "beginCanary" | "promoteCanary" | "endCanary" | "openCanary"> {
    const keep = (version: ConfigVersion, yaml: string) =>
      onDisk(() => history.prepare(version, yaml).commit());
    return {
      beginCanary(yaml, note) {
        const parsed = parse(yaml);
        if (!parsed.ok) throw new ConfigRefused(parsed.faults);
        read();
        const version: ConfigVersion = { ...noted(yaml, note), canary: "running" };
        keep(version, yaml);
        prune();
        return version;
      },
      promoteCanary(number, over) {
        const found = at(number);
        if (!found) throw new CodedError("NOT_FOUND", `there is no version ${number}`);
        const latest = latestOfFile();
        const inPlace = load();
        if (latest?.version !== over || latest.sha256 !== digest(inPlace))
          throw new CodedError("CONFIG_CONFLICT", `${path} is not as version ${over} has it any more`, {
            hint: "put that version back into the file, or abort the canary and take up the file",
          });
        const { yaml, canary: _, ...version } = found;
        put(version, yaml, inPlace);
        return version;
      },
      endCanary(number, how) {
        const found = at(number);
        if (!found) return;
        const { yaml, ...version } = found;
        keep({ ...version, canary: how }, yaml);
      },
      openCanary: () => onDisk(() => history.list().findLast(({ canary }) => canary === "running")),
    };
  }
}

function onDisk<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw disk(error);
  }
}

/** A history whose every failure is one of the disk, with or without a word of its own. */
function onDiskAlways(history: ConfigMedium["history"]): ConfigMedium["history"] {
  return {
    list: () => onDisk(() => history.list()),
    latest: () => onDisk(() => history.latest()),
    yaml: (version) => onDisk(() => history.yaml(version)),
    prepare: (entry, yaml) => onDisk(() => history.prepare(entry, yaml)),
    remove: (version) => onDisk(() => history.remove(version)),
    clear: () => onDisk(() => history.clear()),
  };
}

function disk(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError("DISK", `the configuration could not be kept: ${messageOf(error)}`, { cause: error });
}
