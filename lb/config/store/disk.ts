import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { ConfigHistory } from "../history.ts";

/** Throws DISK for what the system refuses; coded errors stay what they are. */
export function onDisk<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw disk(error);
  }
}

/** A history whose every failure is one of the disk, with or without a word of its own. */
export function onDiskAlways(history: ConfigHistory): ConfigHistory {
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
