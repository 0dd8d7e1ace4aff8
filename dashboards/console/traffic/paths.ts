import { pathOf, poolPath, USERS_PATH } from "./journey.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Where the parts of the picture lie, in its own pixels. */
export interface Places {
  readonly users: Box;
  readonly listener: Box;
  readonly pools: readonly {
    readonly pool: string;
    /** Where its requests wait. */
    readonly queue: Point;
    readonly lanes: readonly ({ readonly upstream: string } & Point)[];
    /** Where those meet that have no lane of their own. */
    readonly rest: (Point & { readonly upstreams: readonly string[] }) | undefined;
  }[];
}

/** A cubic curve of Bézier, and points along it, so that a dot's place is looked up and not computed. */
export interface Path {
  readonly d: string;
  readonly points: readonly Point[];
}

const STEPS = 32;

function curve(a: Point, b: Point, c: Point, d: Point): Path {
  const points = Array.from({ length: STEPS + 1 }, (_, i) => {
    const t = i / STEPS;
    const u = 1 - t;
    const mix = (of: "x" | "y"): number =>
      u ** 3 * a[of] + 3 * u ** 2 * t * b[of] + 3 * u * t ** 2 * c[of] + t ** 3 * d[of];
    return { x: mix("x"), y: mix("y") };
  });
  const text = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return { d: `M${text(a)}C${text(b)} ${text(c)} ${text(d)}`, points };
}

/** From the listener's side to a lane beside it, or from its corner to a lane below it, past the names that stand there. */
function fromListener({ x, y, width, height }: Box, to: Point): Path {
  const right = { x: x + width, y: y + height / 2 };
  if (to.x > right.x + 24) {
    const half = (right.x + to.x) / 2;
    return curve(right, { x: half, y: right.y }, { x: half, y: to.y }, to);
  }
  const corner = { x, y: y + height };
  const bend = Math.max(0, to.x - 60);
  return curve(corner, { x: bend, y: corner.y }, { x: bend, y: to.y }, to);
}

/** Every way that a dot can take, by its name. */
export function pathsOf({ users, listener, pools }: Places): ReadonlyMap<string, Path> {
  const y = Math.min(
    users.y + users.height,
    listener.y + listener.height,
    Math.max(users.y, listener.y) + 40,
  );
  const from = { x: users.x + users.width, y };
  const to = { x: listener.x, y };
  const paths = new Map([[USERS_PATH, curve(from, from, to, to)]]);
  for (const { pool, queue, lanes, rest } of pools) {
    paths.set(poolPath(pool), fromListener(listener, queue));
    for (const lane of lanes) paths.set(pathOf(pool, lane.upstream), fromListener(listener, lane));
    if (!rest) continue;
    const shared = fromListener(listener, rest);
    for (const upstream of rest.upstreams) paths.set(pathOf(pool, upstream), shared);
  }
  return paths;
}

/** How far from its path a dot keeps, so that dots can be distinguished; failures run above it. */
const LIFT = 9;

/** Where along a path, from 0 to 1. `spread` is -1..1, the dot's own. */
export function pointAt({ points }: Path, at: number, failed: boolean, spread: number): Point {
  const place = Math.min(1, Math.max(0, at)) * (points.length - 1);
  const i = Math.min(points.length - 2, Math.floor(place));
  const [a, b] = [points[i], points[i + 1]];
  if (!a || !b) return { x: 0, y: 0 };
  const part = place - i;
  return {
    x: a.x + (b.x - a.x) * part,
    y: a.y + (b.y - a.y) * part + (failed ? -LIFT : 0) + spread * 2.5,
  };
}
