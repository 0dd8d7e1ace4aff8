import { existsSync, readFileSync, realpathSync } from "node:fs";
import { systemCode } from "../../runtime/errors.ts";
import { prepareReplacement, type Replacement } from "./durable-file.ts";
import { createConfigHistory, type ConfigHistory } from "./history.ts";

/** What a configuration and its history are kept on: a disk, or a model of one. Throws the system's errors. */
export interface ConfigMedium {
  /** The name of the text in messages about its faults. */
  readonly path: string;
  readonly history: ConfigHistory;
  /** Undefined when there is none. */
  read(): Uint8Array | undefined;
  prepare(yaml: string): Replacement;
}

/** A file, with its history beside it in `FILE.history/`. */
export function configFile(givenPath: string): ConfigMedium {
  // Replacing a link would leave what it points to behind.
  const path = existsSync(givenPath) ? realpathSync(givenPath) : givenPath;
  return {
    path,
    history: createConfigHistory(`${path}.history`),
    read() {
      try {
        return readFileSync(path);
      } catch (error) {
        if (systemCode(error) === "ENOENT") return undefined;
        throw error;
      }
    },
    prepare: (yaml) => prepareReplacement(path, yaml),
  };
}
