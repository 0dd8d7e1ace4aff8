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

export function createMotion(canvas: HTMLCanvasElement, { schedule, paths }: MotionDeps): Motion {
  const context = canvas.getContext("2d");
  let frame: number | undefined;
  /** Read when they may have changed, and not with each frame: what asks for them makes the browser lay the page out. */
  let colours: ReturnType<typeof coloursOf> | undefined;
  let size: ReturnType<typeof fitted> | undefined;
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const onTheme = (): void => void (colours = undefined);
  theme.addEventListener("change", onTheme);
  const observer = new ResizeObserver(() => void (size = undefined));
  observer.observe(canvas);
  let drawn: { readonly sample: SampledRequest; readonly point: Point }[] = [];

  function draw(now: number): void {
    frame = undefined;
    if (!context) return;
    colours ??= coloursOf(canvas);
    if (size?.scale !== devicePixelRatio) size = fitted(canvas);
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
      theme.removeEventListener("change", onTheme);
      observer.disconnect();
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
