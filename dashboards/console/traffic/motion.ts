import type { SampledRequest } from "../../../lab/events/traffic-view.ts";
import type { Dot, DotSchedule } from "./dot-schedule.ts";
import { pointAt, type Path, type Point } from "./paths.ts";

/** Draws the dots of a schedule on a canvas, for as long as some are on their way and the page is seen. */
export interface Motion {
  /** Dots have been added, or the picture has changed. */
  wake(): void;
  /** The request whose dot is at this place, or next to it. */
  at(point: Point): SampledRequest | undefined;
  stop(): void;
}

interface MotionDeps {
  readonly schedule: DotSchedule;
  readonly paths: () => ReadonlyMap<string, Path>;
}

const RADIUS = 3;
const REACH = 12;
const COLOURS_EVERY_MS = 1000;

export function createMotion(canvas: HTMLCanvasElement, { schedule, paths }: MotionDeps): Motion {
  const context = canvas.getContext("2d");
  let frame: number | undefined;
  let colours = { flow: "", bad: "", readAt: -Infinity };
  let drawn: { readonly sample: SampledRequest; readonly point: Point }[] = [];

  function draw(now: number): void {
    frame = undefined;
    if (!context) return;
    if (now - colours.readAt > COLOURS_EVERY_MS) colours = { ...coloursOf(canvas), readAt: now };
    const size = fitted(canvas);
    context.setTransform(size.scale, 0, 0, size.scale, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    drawn = [];
    const ways = paths();
    for (const { dot, path, at, failed } of schedule.places(now)) {
      const way = ways.get(path);
      if (!way) continue;
      const point = pointAt(way, at, failed, spreadOf(dot));
      drawn.push({ sample: dot.sample, point });
      context.fillStyle = failed ? colours.bad : colours.flow;
      context.beginPath();
      if (failed) diamond(context, point);
      else context.arc(point.x, point.y, RADIUS, 0, 2 * Math.PI);
      context.fill();
    }
    wake();
  }
  function wake(): void {
    if (document.hidden) schedule.clear();
    else if (schedule.isMoving) frame ??= requestAnimationFrame(draw);
  }
  return {
    wake,
    at(point) {
      const near = drawn
        .map((one) => ({ ...one, far: Math.hypot(one.point.x - point.x, one.point.y - point.y) }))
        .filter(({ far }) => far <= REACH)
        .sort((a, b) => a.far - b.far);
      return near[0]?.sample;
    },
    stop() {
      if (frame !== undefined) cancelAnimationFrame(frame);
      schedule.clear();
    },
  };
}

/** The canvas has as many pixels as the screen gives its box. */
function fitted(canvas: HTMLCanvasElement) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const scale = globalThis.devicePixelRatio;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  return { width, height, scale };
}

function coloursOf(canvas: HTMLCanvasElement) {
  const style = getComputedStyle(canvas);
  return { flow: style.getPropertyValue("--flow"), bad: style.getPropertyValue("--bad") };
}

/** Its own, from when it was sent: two dots side by side stay side by side. */
const spreadOf = ({ sample }: Dot): number => ((Math.floor(sample.at * 7.3) % 17) - 8) / 8;

function diamond(context: CanvasRenderingContext2D, { x, y }: Point): void {
  const r = RADIUS + 1.2;
  context.moveTo(x, y - r);
  context.lineTo(x + r, y);
  context.lineTo(x, y + r);
  context.lineTo(x - r, y);
}
