import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { createConsoleState, type ConsoleState } from "./console-state.ts";
import { FirstPage } from "./first/first-page.tsx";
import { IncidentPage } from "./first/incident-page.tsx";
import { KeepDrill } from "./first/keep-drill.tsx";
import { fragmentOf, placeOf, type Place } from "./first/place.ts";
import { ReplayBar } from "./first/replay-bar.tsx";
import { pageShelf } from "./first/page-shelf.ts";
import { leftDrill, noteTour, tourWasSeen } from "./first/saved.ts";
import { Tour } from "./first/tour.tsx";
import { Trouble } from "./first/trouble.tsx";
import { clockTime } from "./parts/figures.ts";
import { Speeds } from "./parts/speeds.tsx";
import { Tabs } from "./parts/tabs.tsx";
import { Changes } from "./regions/changes.tsx";
import { Configuration } from "./regions/configuration.tsx";
import { Debrief } from "./regions/debrief.tsx";
import { Drill } from "./regions/drill.tsx";
import { chipText } from "./regions/drill-figures.ts";
import { Pager } from "./regions/pager.tsx";
import { Query } from "./regions/query.tsx";
import { Traffic } from "./regions/traffic.tsx";
import { Units } from "./regions/units.tsx";
import { Users } from "./regions/users.tsx";
import type { ConsoleWorld } from "./world/console-world.ts";
import type { Beginning, Speed } from "./world/protocol.ts";
import { openVirtualWorld } from "./world/virtual-world.ts";

interface Opened {
  /** No two have the same. */
  readonly id: number;
  readonly alias: string;
  readonly world: ConsoleWorld;
  readonly state: ConsoleState;
  readonly kind: "drill" | "tour" | "replay";
  readonly speed: Speed;
  /** Of a replay: begins it again, up to this step. */
  readonly again?: (step: number) => void;
}

let lastId = 0;

/** The first page, an incident before its start, and from then on the drill. */
export function App() {
  const place = useSignal<Place>(placeOf(location.hash));
  const opened = useSignal<Opened | undefined>(undefined);
  const left = useSignal(leftDrill(pageShelf));
  const refused = useSignal<string | undefined>(undefined);

  function open(what: Pick<Opened, "alias" | "kind" | "speed">, beginning: Beginning, until?: number): void {
    close();
    const world = openVirtualWorld(beginning, what.speed);
    world.pacing.onRefused(({ message, hint }) => {
      close();
      history.replaceState(null, "", "#");
      place.value = { kind: "first" };
      refused.value = hint === undefined ? message : `${message}; ${hint}`;
    });
    world.pacing.onRecorded(({ alias }) => {
      if (opened.value?.world === world) opened.value = { ...opened.value, alias };
    });
    if (until !== undefined) world.pacing.until(until);
    const again = (step: number): void => open(what, beginning, step);
    const state = createConsoleState(world);
    opened.value = { id: (lastId += 1), ...what, world, state, ...(what.kind === "replay" ? { again } : {}) };
    refused.value = undefined;
  }
  function close(): void {
    opened.value?.state.close();
    opened.value?.world.close();
    opened.value = undefined;
    left.value = leftDrill(pageShelf);
  }
  function go(to: Place): void {
    close();
    place.value = to;
    if (to.kind === "replay")
      open({ alias: "replay", kind: "replay", speed: 1 }, { kind: "recorded", text: to.text, goesOn: false });
    if (to.kind === "tour")
      open(
        { alias: "a lab that is well", kind: "tour", speed: 1 },
        { kind: "fresh", alias: "lantern", seed: 1, fault: false },
      );
  }
  function start(alias: string, seed: number, speed: Speed = 1): void {
    history.replaceState(null, "", `#${fragmentOf({ kind: "incident", alias, seed, speed })}`);
    open({ alias, kind: "drill", speed }, { kind: "fresh", alias, seed, fault: true });
  }
  function leave(): void {
    history.pushState(null, "", "#");
    go({ kind: "first" });
  }
  useEffect(() => {
    const onHash = (): void => go(placeOf(location.hash));
    addEventListener("hashchange", onHash);
    go(place.value);
    return () => removeEventListener("hashchange", onHash);
  }, []);

  if (opened.value !== undefined)
    // Another world is another page: nothing of the last one is kept.
    return <Console key={opened.value.id} {...opened.value} leave={leave} />;
  if (place.value.kind === "incident") return <IncidentPage place={place.value} start={start} />;
  return (
    <FirstPage
      start={start}
      replay={(text) => go({ kind: "replay", text })}
      goOn={() => {
        if (left.value === undefined) return;
        const { alias, text } = left.value;
        open({ alias, kind: "drill", speed: null }, { kind: "recorded", text, goesOn: true });
      }}
      left={left.value}
      isFirstVisit={!tourWasSeen(pageShelf)}
      refused={refused.value}
    />
  );
}

function Console({ alias, world, state, kind, again, leave }: Opened & { readonly leave: () => void }) {
  const tours = useSignal(kind === "tour");
  const chip = chipText(state.status.value);
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
        {chip !== undefined && <span class="chip">◆ {chip}</span>}
        <span class="space" />
        <span class="mono">{clockTime(state.now.value)} UTC</span>
        {world.pacing && <Speeds pacing={world.pacing} />}
        <button type="button" onClick={leave}>
          Leave
        </button>
      </header>
      <Trouble why={state.trouble.value} pacing={world.pacing} />
      {again && world.pacing && <ReplayBar pacing={world.pacing} again={again} />}
      {kind === "drill" && world.pacing && <KeepDrill alias={alias} pacing={world.pacing} state={state} />}
      {tours.value && (
        <Tour
          close={() => {
            noteTour(pageShelf);
            tours.value = false;
          }}
        />
      )}
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
