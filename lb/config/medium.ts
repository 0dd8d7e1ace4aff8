import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { systemCode } from "../../runtime/errors.ts";
import { prepareReplacement, type Replacement } from "./durable-file.ts";
import { createConfigHistory, type ConfigHistory } from "./history.ts";
import { lineFile, type LineLog } from "./rollout/line-log.ts";

/** What a configuration and its history are kept on: a disk, or a model of one. Throws the system's errors. */
export interface ConfigMedium {
  /** The name of the text in messages about its faults. */
  readonly path: string;
  readonly history: ConfigHistory;
  /** Undefined when there is none. */
  read(): Uint8Array | undefined;
  prepare(yaml: string): Replacement;
  /** The change log; nothing is there before the first line. */
  readonly changes: LineLog;
  readonly proposals: ProposalTexts;
}

/** The text of the proposal that waits for a reviewer; one at a time. Throws the system's errors. */
export interface ProposalTexts {
  /** Undefined when there is none. */
  read(): string | undefined;
  write(yaml: string): void;
  remove(): void;
}

/** A file, with its history beside it in `FILE.history/`, and the change log in `FILE.changes.ndjson`. */
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
    changes: lineFile(changeLogPath(path)),
    proposals: proposalFile(`${path}.proposal`),
  };
}

/** Where the change log of a configuration file is. */
export const changeLogPath = (path: string): string => `${path}.changes.ndjson`;

const proposalFile = (path: string): ProposalTexts => ({
  read: () => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
  write: (yaml) => prepareReplacement(path, yaml).commit(),
  remove: () => rmSync(path, { force: true }),
});
