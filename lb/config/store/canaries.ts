import { CodedError } from "../../../runtime/errors.ts";
import type { ConfigVersion } from "../history.ts";
import type { ConfigStore } from "../store.ts";
import { onDisk } from "./disk.ts";
import type { StoredFile } from "./file.ts";
import type { Parses } from "./parses.ts";
import type { Versions } from "./versions.ts";

export interface StoredCanariesDeps {
  readonly path: string;
  readonly parses: Parses;
  readonly versions: Versions;
  readonly digest: (raw: string | Uint8Array) => string;
  readonly file: Pick<StoredFile, "read" | "prune">;
}

/** Versions that are tried beside the file's. */
export function storedCanaries({
  path,
  parses,
  versions,
  digest,
  file,
}: StoredCanariesDeps): Pick<ConfigStore, "beginCanary" | "promoteCanary" | "endCanary" | "openCanary"> {
  return {
    beginCanary(yaml, note) {
      parses.demand(yaml);
      file.read();
      const version: ConfigVersion = { ...versions.noted(yaml, note), canary: "running" };
      versions.keep(version, yaml);
      file.prune();
      return version;
    },
    promoteCanary(number, over) {
      const found = versions.at(number);
      if (!found) throw new CodedError("NOT_FOUND", `there is no version ${number}`);
      const latest = versions.latestOfFile();
      const inPlace = versions.load();
      if (latest?.version !== over || latest.sha256 !== digest(inPlace))
        throw new CodedError("CONFIG_CONFLICT", `${path} is not as version ${over} has it any more`, {
          hint: "put that version back into the file, or abort the canary and take up the file",
        });
      const { yaml, canary: _, ...version } = found;
      versions.put(version, yaml, inPlace);
      return version;
    },
    endCanary(number, how) {
      const found = versions.at(number);
      if (!found) return;
      const { yaml, ...version } = found;
      versions.keep({ ...version, canary: how }, yaml);
    },
    openCanary: () => onDisk(() => versions.list().findLast(({ canary }) => canary === "running")),
  };
}
