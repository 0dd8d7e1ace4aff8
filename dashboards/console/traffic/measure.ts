import { pathOf } from "./journey.ts";
import type { Folded } from "./lanes.ts";
import type { Box, Places, Point } from "./paths.ts";

/** A pool as it is drawn. */
export interface DrawnPool {
  readonly pool: string;
  readonly folded: Folded;
}

/** Where the parts of the picture have come to lie; undefined before they do. */
export function measured(picture: HTMLElement, pools: readonly DrawnPool[]): Places | undefined {
  const origin = picture.getBoundingClientRect();
  const boxOf = (element: Element): Box => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { x: left - origin.left, y: top - origin.top, width, height };
  };
  /** The middle of its left side. */
  const entryOf = (element: Element | undefined): Point => {
    const { x, y, height } = element ? boxOf(element) : { x: 0, y: 0, height: 0 };
    return { x: x - 2, y: y + Math.min(height, 36) / 2 };
  };
  const users = picture.querySelector("[data-box=users]");
  const listener = picture.querySelector("[data-box=listener]");
  if (!users || !listener) return undefined;
  const byWay = new Map(
    [...picture.querySelectorAll<HTMLElement>("[data-way]")].map((e) => [e.dataset["way"], e]),
  );
  const rests = new Map(
    [...picture.querySelectorAll<HTMLElement>("[data-rest]")].map((e) => [e.dataset["rest"], e]),
  );
  return {
    users: boxOf(users),
    listener: boxOf(listener),
    pools: pools.map(({ pool, folded: { shown, rest } }) => ({
      pool,
      queue: entryOf(byWay.get(`${pool}/`)),
      lanes: shown.map(({ upstream }) => ({ upstream, ...entryOf(byWay.get(pathOf(pool, upstream))) })),
      rest: rest && { upstreams: rest.names, ...entryOf(rests.get(pool)) },
    })),
  };
}
