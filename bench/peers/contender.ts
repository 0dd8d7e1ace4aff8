import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where a contender runs. */
export interface Place {
  /** The port it is to listen on, on 127.0.0.1. */
  readonly port: number;
  /** The upstreams it is to share its requests between, on 127.0.0.1. */
  readonly upstreamPorts: readonly number[];
  /** A directory of its own. */
  readonly dir: string;
}

/** A program in the foreground, which ends on SIGTERM. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** A proxy that is measured. */
export interface Contender {
  readonly name: string;
  /** What is switched on in it, in a few words. */
  readonly with: string;
  /** Writes what it needs into its directory. `missing`: what this machine lacks for it. */
  prepare(place: Place): Program | { readonly missing: string };
  /** A file that grows with every request, and is emptied now and then. */
  readonly logFile?: string;
}

/** The path of an installed program. Debian has servers where not every user looks for programs. */
export function installed(program: string, searchPath: string): string | undefined {
  for (const dir of [...searchPath.split(delimiter), "/usr/sbin", "/usr/local/sbin"]) {
    const path = join(dir, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there; it may be in the next one.
    }
  }
  return undefined;
}
