import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { createConsoleState, type ConsoleState } from "./console-state.ts";
import { INCIDENTS } from "./incidents.ts";
import { clockTime } from "./parts/figures.ts";
import { Speeds } from "./parts/speeds.tsx";
import { Tabs } from "./parts/tabs.tsx";
import { Changes } from "./regions/changes.tsx";
import { Configuration } from "./regions/configuration.tsx";
import { Debrief } from "./regions/debrief.tsx";
import { Drill } from "./regions/drill.tsx";
import { Pager } from "./regions/pager.tsx";
import { Query } from "./regions/query.tsx";
import { Traffic } from "./regions/traffic.tsx";
import { Units } from "./regions/units.tsx";
import { Users } from "./regions/users.tsx";
import type { ConsoleWorld } from "./world/console-world.ts";
import { openVirtualWorld } from "./world/virtual-world.ts";

interface Opened {
  readonly alias: string;
  readonly world: ConsoleWorld;
  readonly state: ConsoleState;
}

/** The first page, and from a start on the drill. */
export function App() {
  const opened = useSignal<Opened | undefined>(undefined);
  const seed = useSignal(1);
  function start(alias: string): void {
    const world = openVirtualWorld({ kind: "fresh", alias, seed: seed.value, fault: true }, 1);
    opened.value = { alias, world, state: createConsoleState(world) };
  }
  function leave(): void {
    opened.value?.state.close();
    opened.value?.world.close();
    opened.value = undefined;
  }
  if (opened.value !== undefined) return <Console {...opened.value} leave={leave} />;
  return (
    <main class="first">
      <h1>Load balancer outage lab</h1>
      <p>
        Five real outages, in this page: get paged, find the cause, repair it. Nothing is installed, and
        nothing leaves the page.
      </p>
      <label>
        seed{" "}
        <input
          type="number"
          min={0}
          value={seed.value}
          onInput={(e) => void (seed.value = Math.max(0, Math.floor(e.currentTarget.valueAsNumber || 0)))}
        />
      </label>
      <ul class="cards">
        {INCIDENTS.map(({ alias, brief }) => (
          <li key={alias}>
            <h2>{alias}</h2>
            <p>{brief}</p>
            <button type="button" class="main" onClick={() => start(alias)}>
              Start {alias}
            </button>
          </li>
        ))}
      </ul>
      <p class="soft">
        The real thing, on your own machine: <code>npm ci &amp;&amp; npm start</code>
      </p>
    </main>
  );
}

function Console({ alias, world, state, leave }: Opened & { readonly leave: () => void }) {
  const { trainee } = world;
  const heading = useRef<HTMLHeadingElement>(null);
  // The page is another one now: that is where a reader begins.
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <header class="bar">
        <h1 ref={heading} tabIndex={-1}>
          {alias}
        </h1>
        <span class="space" />
        <span role="alert" class="bad">
          {state.trouble.value}
        </span>
        <span class="mono">{clockTime(state.now.value)} UTC</span>
        {world.pacing && <Speeds pacing={world.pacing} />}
        <button type="button" onClick={leave}>
          Leave
        </button>
      </header>
      <main class="drill">
        <div class="column">
          <Debrief state={state} world={world} />
          <Traffic state={state} />
          <Users state={state} trainee={trainee} />
        </div>
        <div class="column">
          <Pager state={state} trainee={trainee} />
          <Tabs
            label="What to look at"
            tabs={[
              ["Changes", () => <Changes trainee={trainee} />],
              ["Units", () => <Units trainee={trainee} />],
              ["Configuration", () => <Configuration trainee={trainee} />],
              ["Query", () => <Query trainee={trainee} />],
            ]}
          />
          <Drill state={state} trainee={trainee} />
        </div>
      </main>
    </>
  );
}
