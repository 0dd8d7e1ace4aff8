/** Where a page keeps what outlives it; a browser may refuse. */
export interface Shelf {
  read(key: string): string | undefined;
  write(key: string, text: string): void;
  remove(key: string): void;
}

const DRILL = "outage-lab.drill";
const TOUR = "outage-lab.tour";

/** A drill that was left before its end: its incident, and the text that it is handed on with. */
export interface LeftDrill {
  readonly alias: string;
  readonly text: string;
}

export const keepDrill = (shelf: Shelf, drill: LeftDrill): void => shelf.write(DRILL, JSON.stringify(drill));
export const forgetDrill = (shelf: Shelf): void => shelf.remove(DRILL);

/** What was left; undefined where there is nothing, or what there is means nothing. */
export function leftDrill(shelf: Shelf): LeftDrill | undefined {
  try {
    const { alias, text } = JSON.parse(shelf.read(DRILL) ?? "null") as Partial<LeftDrill>;
    return typeof alias === "string" && typeof text === "string" ? { alias, text } : undefined;
  } catch {
    // Another program wrote it, or there is none.
    return undefined;
  }
}

export const tourWasSeen = (shelf: Shelf): boolean => shelf.read(TOUR) !== undefined;
export const noteTour = (shelf: Shelf): void => shelf.write(TOUR, "seen");
