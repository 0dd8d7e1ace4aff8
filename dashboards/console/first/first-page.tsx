import { useSignal } from "@preact/signals";
import { isJournal } from "../../../lab/drill/is-journal.ts";
import { INCIDENTS } from "../incidents.ts";
import type { RecordTexts } from "../record/record-texts.ts";
import { fragmentOf } from "./place.ts";
import type { LeftDrill } from "./saved.ts";
import { Picture } from "./picture.tsx";

interface FirstPageProps {
  readonly start: (alias: string, seed: number) => void;
  readonly replay: (text: string) => void;
  /** Watches a live drill's journal. */
  readonly watch: (texts: RecordTexts) => void;
  readonly goOn: () => void;
  readonly left: LeftDrill | undefined;
  /** Nobody has been here with this browser. */
  readonly isFirstVisit: boolean;
  /** Why what was opened cannot be replayed. */
  readonly refused: string | undefined;
}

/** One sentence, the incidents, and the two commands for the real thing. */
export function FirstPage({ start, replay, watch, goOn, left, isFirstVisit, refused }: FirstPageProps) {
  const fault = useSignal<string | undefined>(undefined);
  async function take(list: FileList | null | undefined): Promise<void> {
    const files = [...(list ?? [])];
    const large = files.find(({ size }) => size > 16 * 1024 * 1024);
    if (large !== undefined) return void (fault.value = `${large.name} is larger than any drill`);
    const texts = await Promise.all(files.map((file) => file.text()));
    const journal = texts.find(isJournal);
    if (journal !== undefined) watch({ journal, traffic: texts.find((text) => text !== journal) });
    else if (texts[0] !== undefined) replay(texts[0]);
  }
  const why = fault.value ?? refused;
  return (
    <main
      class="first"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void take(event.dataTransfer?.files);
      }}
    >
      <Picture />
      <h1>Load balancer outage lab</h1>
      <p class="lead">
        Live through five real outages in this page: you are paged, you look, you find the cause, you repair
        it. Nothing is installed, and nothing leaves the page.
      </p>
      <p role="alert" class="bad">
        {why}
      </p>
      <p class="line">
        {left !== undefined && (
          <button type="button" class="main" onClick={goOn}>
            Go on where you left off: {left.alias}
          </button>
        )}
        <a class={isFirstVisit && left === undefined ? "button main" : "button"} href="#tour">
          {isFirstVisit ? "First time here? Five steps over a lab that is well" : "Tour of the page"}
        </a>
        <a class="button" href="#sandbox=slow-upstream">
          Sandbox: try policies side by side
        </a>
      </p>
      <ul class="cards">
        {INCIDENTS.map(({ alias, brief, difficulty }) => (
          <li key={alias}>
            <h2>
              <a href={`#${fragmentOf({ kind: "incident", alias, seed: 1, speed: 1, measures: {} })}`}>
                {alias}
              </a>
              <small>{difficulty}</small>
            </h2>
            <p>{brief}</p>
            <button type="button" class="main" onClick={() => start(alias, 1)}>
              Start {alias}
            </button>
          </li>
        ))}
      </ul>
      <p>
        <label>
          Replay a drill that was saved as a file, or watch the journal of a live one: choose it, or drop it
          here{" "}
          <input
            type="file"
            multiple
            accept=".json,.ndjson,application/json"
            onChange={(e) => void take(e.currentTarget.files)}
          />
        </label>
      </p>
      <p class="soft">
        The journal of a live drill is <code>.lab/drills/ID/journal.ndjson</code>, where the lab was started;{" "}
        <code>npx lblab history</code> lists them.
      </p>
      <p class="soft">
        The real thing, with real processes on your own machine: <code>npm ci</code> and then{" "}
        <code>npm start</code>
      </p>
    </main>
  );
}
