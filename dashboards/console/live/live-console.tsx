import { Console } from "../console.tsx";
import type { ConsoleState } from "../console-state.ts";
import type { ConsoleWorld } from "../world/console-world.ts";
import { KeyField } from "./key-field.tsx";

interface LiveConsoleProps {
  readonly world: ConsoleWorld;
  readonly state: ConsoleState;
}

/** The page over the lab that serves it. Where the lab has ended with its drill, that is no trouble. */
export function LiveConsole({ world, state }: LiveConsoleProps) {
  const trouble = state.trouble.value;
  const isOver = state.journal.value.some(({ event }) => event === "debriefed");
  return (
    <Console
      title={state.drill.value?.alias ?? "lab"}
      world={world}
      state={state}
      trouble={isOver ? undefined : trouble}
    >
      {trouble !== undefined && (
        <div class="trouble">
          {isOver && (
            <p role="status">
              This lab has ended with its drill; what it left stands here. Start another one with{" "}
              <code>npm start</code>, and open its link.
            </p>
          )}
          <KeyField />
        </div>
      )}
    </Console>
  );
}

/** What is there for somebody who came without the lab's link. */
export const NoLink = () => (
  <main class="first">
    <h1>Load balancer outage lab</h1>
    <p>
      This page shows and steers the lab of the person who started it. Open the link that{" "}
      <code>npm start</code> or <code>npx lblab up</code> printed: it brings the key to the lab along.
    </p>
    <KeyField />
  </main>
);
