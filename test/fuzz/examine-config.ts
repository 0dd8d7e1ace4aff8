import { createHeaderEdit } from "../../lb/request/headers/header-edit.ts";
import { lint } from "../../lb/config/lint/lint.ts";
import { parseBalancerConfig } from "../../lb/config/parse.ts";
import type { Fault } from "../../runtime/yaml/fault.ts";
import { createRouter } from "../../lb/request/route.ts";

/**
 * Checks a text as it is checked before a configuration takes effect. Its faults; none when it is good. Throws only
 * on a bug of ours: a crash, or a refusal without a place or a reason.
 */
export function examineConfig(raw: string | Uint8Array): readonly Fault[] {
  const parsed = parseBalancerConfig(raw, "lb.yaml");
  if (!parsed.ok) {
    if (parsed.faults.length === 0) throw new Error("refused without a reason");
    for (const { line, column, message } of parsed.faults)
      if (line < 1 || column < 1 || message === "")
        throw new Error(`refused at ${line}:${column}: ${message}`);
    return parsed.faults;
  }
  const { config, faultAt } = parsed;
  lint({ config, against: config, certificates: [], answers: [], now: 0 }, faultAt);
  for (const listener of config.listeners) {
    createRouter(listener)("shop.test", "/");
    for (const { headers } of listener.routes) if (headers?.request) createHeaderEdit(headers.request);
  }
  return [];
}
