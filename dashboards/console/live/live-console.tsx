import { Console } from "../console.tsx";
import type { ConsoleState } from "../console-state.ts";
import type { ConsoleWorld } from "../world/console-world.ts";
import { KeyField } from "./key-field.tsx";

interface LiveConsoleProps {
  readonly world: ConsoleWorld;
  readonly state: ConsoleState;
}

/** The page over the lab that serves it. */
export const LiveConsole = ({ world, state }: LiveConsoleProps) => (
  <Console title={state.drill.value?.alias ?? "lab"} world={world} state={state}>
    {state.trouble.value !== undefined && (
      <div class="trouble">
        <KeyField />
      </div>
    )}
  </Console>
);

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
