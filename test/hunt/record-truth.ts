import type { RequestRecord } from "../../lb/balancer.ts";
import type { AttemptResult } from "../../lb/outcome.ts";
import type { TrackedRequest } from "./tracked-request.ts";

/** The result of the last attempt by flag; absent: any. */
const LAST_TRY: Readonly<Record<string, readonly AttemptResult[]>> = {
  UF: ["refused", "unreachable", "exhausted", "connect-timeout"],
  URX: ["refused", "unreachable"],
  UC: ["reset", "cut"],
  "-": ["ok", "5xx"],
};

/** What is false in a record, if anything. */
export function falsehoodOf(tracked: TrackedRequest, record: RequestRecord): string | undefined {
  const { status, flag, origin, attempts } = record;
  if (attempts.length !== tracked.sends) return `${attempts.length} attempts recorded of ${tracked.sends}`;
  if ((tracked.gone === "left") !== (flag === "DC"))
    return `flag ${flag}, and its client ${tracked.gone ?? "stayed"}`;
  if (tracked.gone === "malformed" && status !== 400) return `a malformed body was recorded as ${status}`;
  if ((tracked.gone === "left") === (tracked.outcome !== undefined))
    return `it ended without an answer: ${flag}`;
  if (tracked.outcome === "answered" && tracked.status !== status)
    return `${status}, and the client got ${tracked.status}`;
  if (tracked.outcome === "answered" && tracked.origin !== origin) return `recorded as made by the ${origin}`;
  const last = attempts.at(-1);
  const possible = LAST_TRY[flag];
  if (possible && (last === undefined || !possible.includes(last.result)))
    return `flag ${flag} after ${last?.result ?? "no attempt"}`;
  if (flag === "UO" && attempts.length > 0) return "it waited after an attempt";
  if (flag === "NR" && tracked.pool) return "no route, and there is one";
  if (origin === "upstream" && tracked.outcome === "answered") {
    if (tracked.body !== `${tracked.id} ${tracked.last?.address}`)
      return `it got the answer ${JSON.stringify(tracked.body)}`;
  }
  return undefined;
}
