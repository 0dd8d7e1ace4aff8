import { parentPort, workerData } from "node:worker_threads";
import { parseBalancerConfig } from "./parse.ts";
import type { ParsedAside, TextToParse } from "./parse-aside.ts";

/** The thread of `createParser`: reads one configuration, answers and ends. */

const { raw, file } = workerData as TextToParse;
const parsed = parseBalancerConfig(raw, file);
const answer: ParsedAside = parsed.ok
  ? { ok: true, config: parsed.config }
  : { ok: false, faults: parsed.faults };
parentPort?.postMessage(answer);
