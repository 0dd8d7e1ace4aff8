import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Debrief } from "../../../lab/trainee/debrief.ts";
import type { WhatIf } from "../../../lab/simulate/what-if.ts";
import { messageOf } from "../../../runtime/errors.ts";
import { MEASURES } from "../measures.ts";
import { ShareBar } from "../parts/share-bar.tsx";
import type { Pacing } from "../world/console-world.ts";

interface SavedByProps {
  readonly debrief: Debrief;
  readonly pacing: Pacing;
}

type Found = WhatIf | { readonly fault: string };

/** What each measure would have saved of this run's loss: the drill is run again with each, acts and all. */
export function SavedBy({ debrief: { result, incident }, pacing }: SavedByProps) {
  const found = useSignal<Readonly<Record<string, Found>>>({});
  const runs = useSignal<string | undefined>(undefined);
  const left = useRef(new AbortController());
  useEffect(() => () => left.current.abort(), []);
  const { number } = incident.report;
  const lost = result.measured.userMinutesLostPer1000;
  if (lost < 1)
    return (
      <div>
        <h3>What would have helped</h3>
        <p class="soft">
          Hardly anything was lost in this run: there is nothing that a measure could have saved.
        </p>
      </div>
    );
  // Those that the report asks for come first.
  const measures = MEASURES.toSorted(
    (a, b) => Number(b.askedFor.includes(number)) - Number(a.askedFor.includes(number)),
  );
  async function run(): Promise<void> {
    if (runs.value !== undefined) return;
    const { signal } = left.current;
    try {
      runs.value = "";
      const { text } = await pacing.handOver();
      const on = new Set(Object.keys((JSON.parse(text) as { readonly measures: object }).measures));
      for (const { name } of measures) {
        if (signal.aborted) return;
        if (on.has(name)) {
          found.value = { ...found.value, [name]: { fault: "it was on" } };
          continue;
        }
        runs.value = name;
        const one = await pacing.runAgain(text, name, signal).catch((error: unknown): Found => ({
          fault: messageOf(error),
        }));
        found.value = { ...found.value, [name]: one };
      }
    } finally {
      runs.value = undefined;
    }
  }
  return (
    <div class="stack">
      <h3>What would have helped</h3>
      <p class="soft">
        This run lost {lost.toFixed(0)} user-minutes per 1,000 users. It can be run again with each measure
        on, alone: the same acts at the same moments. You would have acted differently, too.
      </p>
      <p class="line">
        <button type="button" aria-disabled={runs.value !== undefined} onClick={() => void run()}>
          Run it again with each measure
        </button>
        <span role="status" class="soft">
          {runs.value !== undefined &&
            `with ${runs.value}, ${Object.keys(found.value).length} of ${measures.length} done`}
        </span>
      </p>
      {Object.keys(found.value).length > 0 && (
        <SavedTable measures={measures} found={found.value} lost={lost} report={number} />
      )}
    </div>
  );
}

interface SavedTableProps {
  readonly measures: typeof MEASURES;
  readonly found: Readonly<Record<string, Found>>;
  /** User-minutes per 1,000 users, of the run itself. */
  readonly lost: number;
  /** The report's number. */
  readonly report: string;
}

/** A line for each measure that the drill was run again with. */
const SavedTable = ({ measures, found, lost, report }: SavedTableProps) => (
  <table class="arms" aria-label="What each measure would have saved">
    <thead>
      <tr>
        <th scope="col">measure</th>
        <th scope="col" class="r">
          lost
        </th>
        <th scope="col">saved</th>
        <th scope="col">what happened</th>
      </tr>
    </thead>
    <tbody>
      {measures.map(({ name, askedFor }) => {
        const one = found[name];
        return (
          one && (
            <tr key={name}>
              <th scope="row">
                <b>{name}</b> {askedFor.includes(report) && <small class="soft">asked for</small>}
              </th>
              {"fault" in one ? (
                <td colSpan={3} class="soft">
                  {one.fault}
                </td>
              ) : (
                <>
                  <td class="r">{one.lost.toFixed(0)}</td>
                  <td>
                    <ShareBar ratio={(lost - one.lost) / lost} />
                  </td>
                  <td>{happened(name, one, lost)}</td>
                </>
              )}
            </tr>
          )
        );
      })}
    </tbody>
  </table>
);

/** They name what is wrong, and change nothing by themselves. */
const INFORMING: ReadonlySet<string> = new Set(["audit", "distribution-alert", "anomaly-detection"]);

function happened(name: string, { lost: withIt, outcome, restoredBy }: WhatIf, lost: number): string {
  if (outcome === "prevented") return "prevented: no user would have been hurt";
  if (outcome === "caught") return "caught: it would have been undone";
  if (restoredBy !== undefined) return "it would have restored users";
  if (Math.abs(lost - withIt) < Math.max(1, lost * 0.005))
    return INFORMING.has(name)
      ? "it only names what is wrong, and your acts stay where they were"
      : "nothing";
  return withIt < lost ? "shortened" : "worse";
}
