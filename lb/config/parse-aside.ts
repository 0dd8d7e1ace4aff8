import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/errors.ts";
import type { Fault } from "../../runtime/yaml/fault.ts";
import { faultsOfText, parseBalancerConfig, type ParsedConfig } from "./parse.ts";
import type { BalancerConfig } from "./schema.ts";
import { decodeSource } from "./source.ts";

/** Reads a configuration while its caller goes on serving. Never rejects. */
export type Parser = (raw: Uint8Array, file: string) => Promise<ParsedConfig>;

/** What the thread is given, and what it answers: functions cannot come from there. */
export interface TextToParse {
  readonly raw: Uint8Array;
  readonly file: string;
}
export type ParsedAside =
  | { readonly ok: true; readonly config: BalancerConfig }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** What is read in a few milliseconds is read at once: a thread takes longer to start. */
const SMALL_BYTES = 64 * 1024;
/** A thread that has not read a text by then is ended, and the text refused. */
const MAX_MS = 20_000;
const MAX_MEGABYTES = 1024;

const WORKER = new URL("./parse-worker.js", import.meta.url);

/** Large texts are read by a thread of their own, where the program was built; run from its sources it has no such thread. */
export function createParser(clock: Clock): Parser {
  const built = existsSync(fileURLToPath(WORKER));
  return async (raw, file) => {
    if (raw.length <= SMALL_BYTES || !built) return parseBalancerConfig(raw, file);
    const parsed = await readAside({ raw, file }, clock);
    if (!parsed.ok) return parsed;
    const source = decodeSource(raw);
    return { ...parsed, faultAt: faultsOfText(source.ok ? source.text : "", file) };
  };
}

function readAside(text: TextToParse, clock: Clock): Promise<ParsedAside> {
  return new Promise((resolve) => {
    const refuse = (why: string): void =>
      end({ ok: false, faults: [{ file: text.file, line: 1, column: 1, path: "", message: why }] });
    const worker = new Worker(WORKER, {
      workerData: text,
      resourceLimits: { maxOldGenerationSizeMb: MAX_MEGABYTES },
    });
    const cancel = clock.after(MAX_MS, () => refuse(`cannot be read within ${MAX_MS / 1000} s`));
    let over = false;
    function end(answer: ParsedAside): void {
      if (over) return;
      over = true;
      cancel();
      void worker.terminate();
      resolve(answer);
    }
    worker.on("message", (answer: ParsedAside) => end(answer));
    worker.on("error", (error) => refuse(`cannot be read: ${messageOf(error)}`));
    worker.on("exit", () => refuse("cannot be read: its thread has ended"));
  });
}
