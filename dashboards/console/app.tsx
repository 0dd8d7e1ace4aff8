import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { MeasureOptions } from "../../lab/measures/choice.ts";
import { Console } from "./console.tsx";
import { createConsoleState, type ConsoleState } from "./console-state.ts";
import { FirstPage } from "./first/first-page.tsx";
import { IncidentPage } from "./first/incident-page.tsx";
import { KeepDrill } from "./first/keep-drill.tsx";
import { fragmentOf, placeOf, type Place } from "./first/place.ts";
import { ReplayBar } from "./first/replay-bar.tsx";
import { pageShelf } from "./first/page-shelf.ts";
import { leftDrill, noteTour, tourWasSeen } from "./first/saved.ts";
import { Tour } from "./first/tour.tsx";
import { Record } from "./record/record.tsx";
import { Sandbox } from "./sandbox/sandbox.tsx";
import type { ConsoleWorld } from "./world/console-world.ts";
import type { Beginning, Speed } from "./world/protocol.ts";
import { openVirtualWorld } from "./world/virtual-world.ts";

interface Opened {
  /** No two have the same. */
  readonly id: number;
  readonly alias: string;
  readonly world: Required<ConsoleWorld>;
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
        { kind: "fresh", alias: "lantern", seed: 1, fault: false, measures: {} },
      );
  }
  function start(alias: string, seed: number, speed: Speed = 1, measures: MeasureOptions = {}): void {
    history.replaceState(null, "", `#${fragmentOf({ kind: "incident", alias, seed, speed, measures })}`);
    open({ alias, kind: "drill", speed }, { kind: "fresh", alias, seed, fault: true, measures });
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
    return <OpenedWorld key={opened.value.id} {...opened.value} leave={leave} />;
  if (place.value.kind === "incident") return <IncidentPage place={place.value} start={start} />;
  if (place.value.kind === "record") return <Record {...place.value.texts} leave={leave} />;
  if (place.value.kind === "sandbox") return <Sandbox fragment={place.value.text} />;
  return (
    <FirstPage
      start={start}
      replay={(text) => go({ kind: "replay", text })}
      watch={(texts) => go({ kind: "record", texts })}
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

/** The page over a world of the worker, with what such a one has above it: a scrubber, a tour, a copy of the drill that is kept. */
function OpenedWorld({ alias, world, state, kind, again, leave }: Opened & { readonly leave: () => void }) {
  const tours = useSignal(kind === "tour");
  const { pacing } = world;
  return (
    <Console title={alias} world={world} state={state} trouble={state.trouble.value} leave={leave}>
      {again && <ReplayBar pacing={pacing} again={again} />}
      {kind === "drill" && <KeepDrill alias={alias} pacing={pacing} state={state} />}
      {tours.value && (
        <Tour
          close={() => {
            noteTour(pageShelf);
            tours.value = false;
          }}
        />
      )}
    </Console>
  );
}
