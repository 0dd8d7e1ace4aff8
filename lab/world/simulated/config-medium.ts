import type { ConfigVersion } from "../../../lb/config/history.ts";
import type { ConfigMedium } from "../../../lb/config/medium.ts";

/** A configuration file with its history, in memory: a disk that never fills. */
export function memoryConfig(path: string): ConfigMedium {
  const versions = new Map<number, { readonly meta: ConfigVersion; readonly yaml: string }>();
  let bytes: Uint8Array | undefined;
  let changes = "";
  let proposal: string | undefined;
  const list = () => Array.from(versions.values(), ({ meta }) => meta);
  return {
    path,
    history: {
      list,
      latest: () => list().at(-1),
      yaml: (version) => versions.get(version)?.yaml,
      prepare: (meta, yaml) => ({
        commit: () => void versions.set(meta.version, { meta, yaml }),
        discard() {},
      }),
      remove: (version) => void versions.delete(version),
      clear: () => versions.clear(),
    },
    read: () => bytes,
    prepare: (yaml) => ({ commit: () => void (bytes = new TextEncoder().encode(yaml)), discard() {} }),
    changes: { read: () => changes, append: (line) => void (changes += `${line}\n`) },
    proposals: {
      read: () => proposal,
      write: (yaml) => void (proposal = yaml),
      remove: () => void (proposal = undefined),
    },
  };
}
