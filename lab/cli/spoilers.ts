import { join } from "node:path";
import { CodedError } from "../../runtime/errors.ts";
import { journalPath } from "../drill/journal.ts";
import { readJournal } from "../drill/read-journal.ts";
import { isOver, stateOf } from "../drill/state.ts";
import { runRoot } from "../world/run/run-dir.ts";
import { runningLabs, type RunningLab } from "../world/run/running-labs.ts";
import { basesIn, type Settings } from "./settings.ts";

/**
 * Throws CodedError SPOILER while a drill runs in any lab of this user on this machine: the output would give its
 * answer away. Where the lab's files are and which ports it has makes no difference.
 */
export function refuseDuringDrill({ home }: Settings): void {
  const roots = basesIn(home).map((base) => runRoot(home, base));
  const drilling = runningLabs(roots).filter(isDrilling);
  if (drilling.length === 0) return;
  const where = drilling.map((lab) => `base port ${lab.base}, ${homeOf(lab)}`).join("; ");
  throw new CodedError("SPOILER", `a drill is running (${where}): that would give its answer away`, {
    hint: "npx lblab end finishes it",
  });
}

const homeOf = ({ root }: RunningLab): string => join(root, "..", "..");

/** A lab whose drill has left no readable journal may still be in it. */
function isDrilling(lab: RunningLab): boolean {
  return lab.drill !== undefined && !isOver(stateOf(readJournal(journalPath(homeOf(lab), lab.drill))));
}
