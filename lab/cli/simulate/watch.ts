import { inspectJournalText } from "../../drill/journal-text.ts";
import { recordOf } from "../../drill/record.ts";
import { stateOf } from "../../drill/state.ts";
import { paint, type Output } from "../output.ts";
import { timelineText } from "../records/debrief.ts";
import { integrityOf, integrityText } from "../records/past-debrief.ts";

/**
 * Prints a live drill by the facts of its journal: real processes are not simulated again, so there is no digest to compare. Throws
 * CodedError ENVIRONMENT for the journal of a newer lab.
 */
export function watchJournal(text: string, path: string, output: Output): void {
  const found = inspectJournalText(text, path);
  const record = recordOf(found.lines, { path, head: found.head });
  const { result } = stateOf(found.lines);
  if (output.json)
    return output.printJson({ ...record, result, integrity: integrityOf(found), digest: null, equal: null });
  const { alias, seed, world, trainee, begun } = record;
  const what = [
    `Drill "${alias}", seed ${seed}`,
    `world ${world ?? "unknown"}`,
    ...(trainee === null ? [] : [`by ${trainee}`]),
    `${begun.slice(0, 19).replace("T", " ")} UTC`,
  ].join(", ");
  output.print(
    [
      paint("bold", what),
      "These are the facts of its journal. It ran in real processes and is not simulated again, so there is no digest to compare.",
      timelineText(record.timeline),
      integrityText({ path, found }),
    ].join("\n\n"),
  );
}
