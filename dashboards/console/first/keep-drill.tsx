import { useEffect } from "preact/hooks";
import type { ConsoleState } from "../console-state.ts";
import type { Pacing } from "../world/console-world.ts";
import { pageShelf } from "./page-shelf.ts";
import { forgetDrill, keepDrill } from "./saved.ts";

interface KeepDrillProps {
  readonly alias: string;
  readonly pacing: Pacing;
  readonly state: ConsoleState;
}

const EVERY_MS = 5000;

/** Keeps the drill in the browser while it lasts, so that one can go on where one left off. */
export function KeepDrill({ alias, pacing, state }: KeepDrillProps) {
  const isOver = state.phase.value === "done";
  useEffect(() => {
    if (isOver) return forgetDrill(pageShelf);
    const timer = setInterval(() => {
      // Without anybody paged there is nothing that somebody would want back.
      if (state.drill.peek()?.secondsSincePage === undefined) return;
      pacing.handOver().then(
        ({ text }) => keepDrill(pageShelf, { alias, text }),
        // The world failed: what was kept last stays.
        () => {},
      );
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [pacing, isOver]);
  return null;
}
