import type { HandOver } from "../../lab/simulate/hand-over.ts";
import { recordOf, type VirtualSession } from "../../lab/simulate/virtual-session.ts";

/** A session as it is handed on, at pace drill and without measures unless said otherwise. */
export const handOverOf = async (
  session: VirtualSession,
  drill: Pick<HandOver, "alias" | "seed"> & Partial<HandOver>,
): Promise<HandOver> => ({
  release: "1",
  pace: "drill",
  timeLimitMs: null,
  measures: {},
  ...drill,
  ...(await recordOf(session)),
});
