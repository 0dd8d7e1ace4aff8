import type { Clock } from "../../../runtime/clock.ts";
import { CodedError } from "../../../runtime/errors.ts";
import type { ConfigVersion } from "../history.ts";
import type { ConfigMedium } from "../medium.ts";
import type { ChangeNote } from "../store.ts";
import { onDisk, onDiskAlways } from "./disk.ts";

/** So many versions are kept; older ones are forgotten, but for the one in force. */
const KEPT_VERSIONS = 100;

export type VersionWithText = ConfigVersion & { readonly yaml: string };

/** The file and the versions that it had, or that were tried beside it. Throws NOT_FOUND and DISK. */
export interface Versions {
  /** The file's bytes. Throws NOT_FOUND when there is none. */
  load(): Uint8Array;
  /** Oldest first. */
  list(): readonly ConfigVersion[];
  /** The last version that the file had: a canary's is none. */
  latestOfFile(): ConfigVersion | undefined;
  at(version: number): VersionWithText | undefined;
  /** Of that number, or the last one that differs from the file, whose digest is given. */
  earlier(version: number | undefined, sha256: string): VersionWithText;
  /** What the next version would be; nothing is kept yet. */
  noted(yaml: string, note: ChangeNote): ConfigVersion;
  /** Keeps a version whose text is in the file already, or is not to be there. */
  keep(version: ConfigVersion, yaml: string): void;
  /** Makes a text the file, and keeps its version. After a failure the file is as it was. */
  put(version: ConfigVersion, yaml: string, inPlace: Uint8Array | undefined): void;
  /** Forgets old versions, but for the one in force. */
  prune(inForce: number | undefined): void;
  clear(): void;
}

export function createVersions(
  medium: ConfigMedium,
  clock: Clock,
  digest: (raw: string | Uint8Array) => string,
): Versions {
  const history = onDiskAlways(medium.history);

  function load(): Uint8Array {
    const bytes = onDisk(() => medium.read());
    if (bytes === undefined) throw new CodedError("NOT_FOUND", `${medium.path}: no such file`);
    return bytes;
  }

  function at(version: number): VersionWithText | undefined {
    const meta = history.list().find((entry) => entry.version === version);
    const yaml = history.yaml(version);
    return meta && yaml !== undefined ? { ...meta, yaml } : undefined;
  }

  return {
    load,
    list: () => history.list(),
    latestOfFile() {
      const latest = history.latest();
      return latest?.canary === undefined ? latest : ofFile(history.list()).at(-1);
    },
    at,
    earlier(version, sha256) {
      const wanted = version ?? oneBefore(ofFile(history.list()), sha256);
      const found = wanted === undefined ? undefined : at(wanted);
      if (found) return found;
      throw new CodedError(
        "NOT_FOUND",
        version === undefined ? "there is no earlier version" : `there is no version ${version}`,
        { hint: "name one of the history" },
      );
    },
    noted: (yaml, note) => ({
      version: (history.latest()?.version ?? 0) + 1,
      at: new Date(clock.wall()).toISOString(),
      ...signed(note, digest(yaml)),
    }),
    keep: (version, yaml) => onDisk(() => history.prepare(version, yaml).commit()),
    put: (version, yaml, inPlace) => onDisk(() => replace(medium, history, { version, yaml, inPlace })),
    prune(inForce) {
      // A record that cannot be removed is no reason to refuse the version that has just been kept.
      try {
        const spare = history.list().slice(0, -KEPT_VERSIONS);
        for (const { version } of spare) if (version !== inForce) history.remove(version);
      } catch {
        // The next version prunes again.
      }
    },
    clear: () => onDisk(() => history.clear()),
  };
}

const ofFile = (all: readonly ConfigVersion[]): readonly ConfigVersion[] =>
  all.filter(({ canary }) => canary === undefined);

/** A rollback counts as the version that it restores: two rollbacks in a row do not go forward. */
function oneBefore(all: readonly ConfigVersion[], sha256: string): number | undefined {
  const latest = all.at(-1);
  const place = latest?.sha256 === sha256 ? (latest.restores ?? latest.version) : Infinity;
  return all.findLast((entry) => entry.version < place && entry.sha256 !== sha256)?.version;
}

function signed(
  { author, reason, restores, approvedBy, emergency }: ChangeNote,
  sha256: string,
): Omit<ConfigVersion, "version" | "at"> {
  return {
    author,
    reason,
    sha256,
    ...(restores !== undefined && { restores }),
    ...(approvedBy !== undefined && { approvedBy }),
    ...(emergency !== undefined && { emergency }),
  };
}

interface Replaced {
  readonly version: ConfigVersion;
  readonly yaml: string;
  readonly inPlace: Uint8Array | undefined;
}

function replace(
  medium: ConfigMedium,
  history: ConfigMedium["history"],
  { version, yaml, inPlace }: Replaced,
): void {
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
    else if (inPlace) medium.prepare(textOf(inPlace)).commit();
    throw error;
  }
}

/** As it is, with a byte order mark. */
export const textOf = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
