import "./zod-without-compiler.ts";
import "../regions/drill.css";
import "../regions/looking.css";
import { useMemo } from "preact/hooks";
import { readSeriesText } from "../../../lab/chart/series-text.ts";
import { inspectJournalText, integrityWords } from "../../../lab/drill/journal-text.ts";
import { recordOf } from "../../../lab/drill/record.ts";
import { messageOf } from "../../../runtime/errors.ts";
import { clockTime } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import { failedOf } from "./record-facts.ts";
import type { RecordTexts } from "./record-texts.ts";
import { RecordWatch } from "./record-watch.tsx";

interface RecordPageProps extends RecordTexts {
  readonly leave: () => void;
}

/** A live drill's journal, watched by its facts. */
export function RecordPage({ journal, traffic, leave }: RecordPageProps) {
  const read = useMemo(() => readTexts({ journal, traffic }), [journal, traffic]);
  return (
    <>
      <header class="bar">
        <h1>{typeof read === "string" ? "journal" : read.record.alias}</h1>
        {typeof read !== "string" && (
          <span class="soft">
            {[`seed ${read.record.seed}`, read.record.world ?? "", read.record.trainee ?? ""]
              .filter((word) => word !== "")
              .join(" · ")}
            , {read.record.begun.slice(0, 10)} {clockTime(read.record.begun)} UTC
          </span>
        )}
        <span class="space" />
        <button type="button" onClick={leave}>
          Leave
        </button>
      </header>
      <main class="record-page">
        {typeof read === "string" ? (
          <p role="alert" class="bad">
            This journal cannot be read: {read}
          </p>
        ) : (
          <Region
            name="Record"
            about={`the facts of a journal, not simulated again · journal: ${integrityWords(read.found)}`}
            command="replay journal.ndjson"
          >
            <div class="inside">
              {read.failed === undefined && (
                <p class="soft">
                  Choose <code>traffic.json</code> together with the journal, and the share of requests that
                  failed is drawn, too: it lies beside it.
                </p>
              )}
              <RecordWatch lines={read.found.lines} failed={read.failed} />
            </div>
          </Region>
        )}
      </main>
    </>
  );
}

/** Why it cannot be read, or what there is. */
function readTexts({ journal, traffic }: RecordTexts) {
  try {
    const found = inspectJournalText(journal, "it");
    if (found.lines.length === 0) return `no line of it is whole (${integrityWords(found)})`;
    const series = traffic === undefined ? undefined : readSeriesText(traffic);
    return {
      found,
      record: recordOf(found.lines, { path: "", head: found.head }),
      failed: series && failedOf(series),
    };
  } catch (error) {
    return messageOf(error);
  }
}
