import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ConsoleState } from "./console-state.ts";
import { Trouble } from "./first/trouble.tsx";
import { clockTime } from "./parts/figures.ts";
import { Speeds } from "./parts/speeds.tsx";
import { Tabs } from "./parts/tabs.tsx";
import { Changes } from "./regions/changes.tsx";
import { Configuration } from "./regions/configuration.tsx";
import { Debrief } from "./regions/debrief.tsx";
import { chipText } from "./regions/drill-figures.ts";
import { Drill } from "./regions/drill.tsx";
import { Measured } from "./regions/measured.tsx";
import { Pager } from "./regions/pager.tsx";
import { Query } from "./regions/query.tsx";
import { Rollout } from "./regions/rollout.tsx";
import { Traffic } from "./regions/traffic.tsx";
import { Units } from "./regions/units.tsx";
import { Users } from "./regions/users.tsx";
import type { ConsoleWorld } from "./world/console-world.ts";

interface ConsoleProps {
  /** The incident's alias, or what the page shows where there is no drill. */
  readonly title: string;
  readonly world: ConsoleWorld;
  readonly state: ConsoleState;
  /** Why the lab is not there. */
  readonly trouble: string | undefined;
  /** Absent where there is nothing to go back to. */
  readonly leave?: () => void;
  /** Between the head of the page and its regions. */
  readonly children?: ComponentChildren;
}

/** The page over one lab, whichever world it is of. */
export function Console({ title, world, state, trouble, leave, children }: ConsoleProps) {
  const { trainee } = world;
  const heading = useRef<HTMLHeadingElement>(null);
  // The page is another one now: that is where a reader begins.
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <header class="bar">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <Chip state={state} />
        <span class="space" />
        <Now state={state} />
        {world.pacing && <Speeds pacing={world.pacing} />}
        {leave && (
          <button type="button" onClick={leave}>
            Leave
          </button>
        )}
      </header>
      <Trouble why={trouble} pacing={world.pacing} />
      {children}
      <main class="drill">
        <div class="column">
          <Debrief state={state} world={world} />
          <Traffic state={state} />
          <Users state={state} trainee={trainee} />
        </div>
        <div class="column">
          <Pager state={state} trainee={trainee} />
          <Measured journal={state.journal.value} />
          <Tabs
            label="What to look at"
            closed={
              <p class="soft inside closed">
                Open what you want to look at. The debrief knows what you saw, and when.
              </p>
            }
            tabs={[
              ["Changes", () => <Changes trainee={trainee} />],
              ["Units", () => <Units trainee={trainee} />],
              ["Configuration", () => <Configuration trainee={trainee} />],
              ["Rollout", () => <Rollout state={state} trainee={trainee} />],
              ["Query", () => <Query trainee={trainee} />],
            ]}
          />
          <Drill state={state} trainee={trainee} />
        </div>
      </main>
    </>
  );
}

interface HeadProps {
  readonly state: ConsoleState;
}

// Parts of their own: they change several times a second, and the rest of the page does not.
function Chip({ state }: HeadProps) {
  const text = useComputed(() => chipText(state.status.value)).value;
  return text === undefined ? null : <span class="chip">◆ {text}</span>;
}

function Now({ state }: HeadProps) {
  return <span class="mono">{useComputed(() => clockTime(state.now.value)).value} UTC</span>;
}
