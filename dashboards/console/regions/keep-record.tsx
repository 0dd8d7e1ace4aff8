import { useSignal } from "@preact/signals";
import type { JournalLine } from "../../../lab/drill/events.ts";
import type { UsersPoint } from "../console-state.ts";
import { Action } from "../parts/action.tsx";
import { saveAs } from "../parts/save-as.ts";
import { RecordWatch } from "../record/watched-later.tsx";

interface KeepRecordProps {
  readonly journal: readonly JournalLine[];
  readonly points: readonly UsersPoint[];
}

/** A live drill cannot be simulated again: its journal is watched, and kept. */
export function KeepRecord({ journal, points }: KeepRecordProps) {
  const isWatched = useSignal(false);
  return (
    <div class="inside stack">
      <p class="line">
        <button
          type="button"
          aria-pressed={isWatched.value}
          onClick={() => void (isWatched.value = !isWatched.value)}
        >
          Watch it from its beginning
        </button>
        <Action
          title="npx lblab replay journal.ndjson"
          run={async () => {
            saveAs("journal.ndjson", journal.map((line) => `${JSON.stringify(line)}\n`).join(""));
            return "saved as journal.ndjson";
          }}
        >
          Save the journal
        </Action>
      </p>
      {isWatched.value && (
        <RecordWatch
          lines={journal}
          failed={points.length === 0 ? undefined : points.map(({ at, failedRatio }) => [at, failedRatio])}
          startsAt={Date.parse(journal[0]?.at ?? "")}
        />
      )}
    </div>
  );
}
