import type { ConfigMedium } from "../medium.ts";
import type { ConfigStore } from "../store.ts";
import { onDisk } from "./disk.ts";
import type { Parses } from "./parses.ts";
import { textOf, type Versions } from "./versions.ts";

export interface StoredFileDeps {
  readonly medium: ConfigMedium;
  readonly parses: Parses;
  readonly versions: Versions;
  readonly digest: (raw: string | Uint8Array) => string;
}

/** The file and its versions: reading takes up edits by hand, applying replaces it. */
export interface StoredFile extends Pick<ConfigStore, "read" | "apply" | "settled"> {
  /** Forgets old versions, but for the one in force. */
  prune(): void;
}

export function createStoredFile({ medium, parses, versions, digest }: StoredFileDeps): StoredFile {
  let inForce: number | undefined;
  const prune = (): void => versions.prune(inForce);

  const read: ConfigStore["read"] = () => {
    const bytes = versions.load();
    const yaml = textOf(bytes);
    const latest = versions.latestOfFile();
    if (latest?.sha256 === digest(bytes)) return { yaml, version: latest.version, faults: [] };
    const parsed = parses.parse(bytes);
    if (!parsed.ok) return { yaml, version: 0, faults: parsed.faults };
    const reason = latest === undefined ? "found at the start" : "edited by hand";
    const version = versions.noted(yaml, { author: "file", reason });
    versions.keep(version, yaml);
    prune();
    return { yaml, version: version.version, faults: [] };
  };

  return {
    prune,
    read,
    settled(version) {
      inForce = version;
    },
    apply(yaml, note, before = () => {}) {
      parses.demand(yaml);
      // The file may have been edited by hand since the last read.
      const inPlace = onDisk(() => medium.read());
      if (inPlace !== undefined) read();
      const latest = versions.latestOfFile();
      if (latest?.sha256 === digest(yaml) && inPlace !== undefined && digest(inPlace) === digest(yaml)) {
        before(latest);
        return latest;
      }
      const version = versions.noted(yaml, note);
      before(version);
      versions.put(version, yaml, inPlace);
      prune();
      return version;
    },
  };
}
