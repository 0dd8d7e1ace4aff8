import type { RequestRecord } from "../../lb/balancer.ts";
import type { AttemptResult } from "../../lb/outcome.ts";
import type { Asked } from "./asked.ts";

/** What a flag says of the last try; absent: nothing. */
const LAST_TRY: Readonly<Record<string, readonly AttemptResult[]>> = {
  UF: ["refused", "unreachable", "exhausted", "connect-timeout"],
  URX: ["refused", "unreachable"],
  UC: ["reset", "cut"],
  "-": ["ok", "5xx"],
};

/** What a record says that was not so, if anything. */
export function falsehoodOf(asked: Asked, record: RequestRecord): string | undefined {
  const { status, flag, origin, attempts } = record;
  if (attempts.length !== asked.sends) return `${attempts.length} tries recorded of ${asked.sends}`;
  if ((asked.gone === "left") !== (flag === "DC"))
    return `flag ${flag}, and its client ${asked.gone ?? "stayed"}`;
  if (asked.gone === "malformed" && status !== 400) return `a malformed body was told as ${status}`;
  if ((asked.gone === "left") === (asked.outcome !== undefined)) return `it ended without an answer: ${flag}`;
  if (asked.outcome === "answered" && asked.status !== status)
    return `${status}, and the client got ${asked.status}`;
  if (asked.outcome === "answered" && asked.origin !== origin) return `made by the ${origin}, it says`;
  const last = attempts.at(-1);
  const possible = LAST_TRY[flag];
  if (possible && (last === undefined || !possible.includes(last.result)))
    return `flag ${flag} after ${last?.result ?? "no try"}`;
  if (flag === "UO" && attempts.length > 0) return "it waited after a try";
  if (flag === "NR" && asked.pool) return "no route, and there is one";
  if (origin === "upstream" && asked.outcome === "answered") {
    if (asked.body !== `${asked.id} ${asked.last?.address}`)
      return `it got the answer ${JSON.stringify(asked.body)}`;
  }
  return undefined;
}
