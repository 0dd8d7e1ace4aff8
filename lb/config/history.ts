import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CodedError } from "../../runtime/errors.ts";
import { prepareReplacement, type Replacement } from "./durable-file.ts";

const versionMeta = z.strictObject({
  version: z.int().min(1),
  /** ISO 8601, UTC. */
  at: z.string(),
  author: z.string(),
  reason: z.string(),
  /** Of the YAML text, hexadecimal. */
  sha256: z.string(),
  /** The earlier version whose content it has, when it is a rollback to that one. */
  restores: z.int().min(1).optional(),
  /** It is tried beside the file's version, or was and did not become it; `lost`: its process ended meanwhile. Absent: it was the file. */
  canary: z.enum(["running", "aborted", "lost"]).optional(),
  /** The reviewer; absent: it was not reviewed. */
  approvedBy: z.string().optional(),
  /** It came by the emergency path, past every guard. */
  emergency: z.literal(true).optional(),
});

/** One configuration that was put in place, by whom and why. */
export type ConfigVersion = z.infer<typeof versionMeta>;

/** The versions of a configuration as files: `000001.yaml`, and `000001.json` with who, when and why. */
export interface ConfigHistory {
  /** Oldest first. */
  list(): readonly ConfigVersion[];
  latest(): ConfigVersion | undefined;
  /** Undefined when there is no such version. */
  yaml(version: number): string | undefined;
  /** Writes a version down to the disk; it exists once that is committed. */
  prepare(meta: ConfigVersion, yaml: string): Replacement;
  remove(version: number): void;
  clear(): void;
}

export function createConfigHistory(directory: string): ConfigHistory {
  const file = (version: number, ending: string) =>
    join(directory, `${String(version).padStart(6, "0")}.${ending}`);

  function numbers(): number[] {
    mkdirSync(directory, { recursive: true });
    return readdirSync(directory)
      .flatMap((name) => /^(\d{6,})\.json$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }
  function meta(version: number): ConfigVersion {
    const path = file(version, "json");
    try {
      return versionMeta.parse(JSON.parse(readFileSync(path, "utf8")));
    } catch (error) {
      throw new CodedError("DISK", `${path} is no record of a version`, { cause: error });
    }
  }

  return {
    list: () => numbers().map(meta),
    latest() {
      const last = numbers().at(-1);
      return last === undefined ? undefined : meta(last);
    },
    yaml: (version) =>
      numbers().includes(version) ? readFileSync(file(version, "yaml"), "utf8") : undefined,
    prepare(entry, yaml) {
      mkdirSync(directory, { recursive: true });
      const text = prepareReplacement(file(entry.version, "yaml"), yaml);
      try {
        const json = `${JSON.stringify(entry, undefined, 2)}\n`;
        const record = prepareReplacement(file(entry.version, "json"), json);
        return {
          commit() {
            text.commit();
            record.commit();
          },
          discard() {
            text.discard();
            record.discard();
          },
        };
      } catch (error) {
        text.discard();
        throw error;
      }
    },
    remove(version) {
      // The record first: without it there is no such version, whatever becomes of its text.
      for (const ending of ["json", "yaml"]) rmSync(file(version, ending), { force: true });
    },
    clear: () => rmSync(directory, { recursive: true, force: true }),
  };
}
