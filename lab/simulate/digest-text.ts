import type { JournalLine } from "../drill/events.ts";

/** What a line says beside what happened: hashes, who and where, texts, reasons. A digest is of what happened. */
const RECORD_ONLY = [
  "prev",
  "schemaVersion",
  "fault",
  "sealedSource",
  "by",
  "text",
  "config",
  "findings",
  "settled",
  "because",
] as const;

/** Which of a drill's lines a digest covers, and as what: undefined for one that only sums up. */
export function digestText(line: JournalLine): string | undefined {
  if (line.event === "assessed") return undefined;
  const told: Record<string, unknown> = { ...line };
  if (line.event !== "acknowledged") for (const key of RECORD_ONLY) delete told[key];
  // How the scenario's name is sealed is chance of another kind.
  if (line.event === "created") told["sealed"] = "";
  if (line.event === "debriefed") {
    const { wrongBecause: _because, impactSettled: _settled, measured, ...result } = line.result;
    const { projectedUserMinutesLostPer1000: _projected, ...figures } = measured;
    told["result"] = inOrder(result, figures);
  }
  return JSON.stringify(told);
}

/** With `measured` where it has always stood: a digest is of the text. */
function inOrder(result: object, measured: object): object {
  const { scenario, alias, reported, ...rest } = result as Record<string, unknown>;
  return { scenario, alias, reported, measured, ...rest };
}
