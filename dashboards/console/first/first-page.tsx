import { useSignal } from "@preact/signals";
import { INCIDENTS } from "../incidents.ts";
import { fragmentOf } from "./place.ts";
import type { LeftDrill } from "./saved.ts";
import { Picture } from "./picture.tsx";

interface FirstPageProps {
  readonly start: (alias: string, seed: number) => void;
  readonly replay: (text: string) => void;
  readonly goOn: () => void;
  readonly left: LeftDrill | undefined;
  /** Nobody has been here with this browser. */
  readonly isFirstVisit: boolean;
  /** Why what was opened cannot be replayed. */
  readonly refused: string | undefined;
}

/** One sentence, the incidents, and the two commands for the real thing. */
export function FirstPage({ start, replay, goOn, left, isFirstVisit, refused }: FirstPageProps) {
  const fault = useSignal<string | undefined>(undefined);
  async function take(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    if (file.size > 16 * 1024 * 1024) fault.value = `${file.name} is larger than any drill`;
    else replay(await file.text());
  }
  const why = fault.value ?? refused;
  return (
    <main
      class="first"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void take(event.dataTransfer?.files[0]);
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
              <a href={`#${fragmentOf({ kind: "incident", alias, seed: 1, speed: 1 })}`}>{alias}</a>
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
          Replay a drill that was saved as a file: choose it, or drop it here{" "}
          <input
            type="file"
            accept="application/json"
            onChange={(e) => void take(e.currentTarget.files?.[0])}
          />
        </label>
      </p>
      <p class="soft">
        The real thing, with real processes on your own machine: <code>npm ci</code> and then{" "}
        <code>npm start</code>
      </p>
    </main>
  );
}
