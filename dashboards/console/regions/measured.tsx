import { clockTime } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import type { JournalLine } from "../../../lab/drill/events.ts";
import { momentOf } from "../../../lab/drill/moments.ts";
import { wordOf } from "../../../lab/drill/moment-words.ts";

const MEASURED: ReadonlySet<JournalLine["event"]> = new Set(["prevented", "held", "caught", "suspected"]);

/** What measures did and named, the latest first; there is no such part of the page until one has. */
export function Measured({ journal }: { readonly journal: readonly JournalLine[] }) {
  const lines = journal.filter(
    (line) =>
      MEASURED.has(line.event) || (line.event === "acted" && line.by?.startsWith("measure:") === true),
  );
  if (lines.length === 0) return null;
  return (
    <Region name="Measures" about="what they did, latest first, UTC" command="debrief">
      <ul class="list" role="log" aria-label="What measures did">
        {lines.toReversed().map((line) => {
          const moment = momentOf(line);
          return (
            moment && (
              <li key={line.seq}>
                <time class="mono soft" dateTime={line.at}>
                  {clockTime(moment.at)}
                </time>
                <span>
                  <b>{moment.by?.replace("measure:", "")}</b> {wordOf(moment.event).toLowerCase()}:{" "}
                  {moment.detail}
                </span>
              </li>
            )
          );
        })}
      </ul>
    </Region>
  );
}
