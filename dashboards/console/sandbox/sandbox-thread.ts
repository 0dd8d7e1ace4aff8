import { createSandbox, type Sandbox } from "../../../lab/sandbox/sandbox.ts";
import { createMessageTurn } from "../../../lab/world/simulated/browser-platform.ts";
import { STEP_MS } from "../../../lab/world/simulated/virtual-time.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import { createPacer, type Pacer } from "../world/pacer.ts";
import type { FromSandbox, ToSandbox } from "./protocol.ts";

/** Frames are posted at most so often while time passes. */
const FRAME_EVERY_MS = 250;

const scope = globalThis as unknown as {
  postMessage(message: FromSandbox): void;
  addEventListener(type: "message", run: (message: { readonly data: ToSandbox }) => void): void;
};
const nextTurn = createMessageTurn();

interface Opened {
  readonly sandbox: Sandbox;
  readonly pacer: Pacer;
  readonly end: AbortController;
}

let opened: Opened | undefined;
let openings = 0;
/** Something was changed since the last frame. */
let isChanged = false;

scope.addEventListener("message", ({ data }) => {
  isChanged = true;
  try {
    if (data.type === "open") return open(data);
    if (data.type === "step") return opened?.pacer.step(data.ms);
    if (data.type === "speed") return opened?.pacer.setSpeed(data.speed);
    opened?.sandbox.change(data.setting);
    opened?.pacer.wake();
  } catch (error) {
    failed(error);
  }
});

function open({ setting, speed }: Extract<ToSandbox, { type: "open" }>): void {
  opened?.end.abort();
  openings += 1;
  const sandbox = createSandbox(setting, { nextTurn });
  const paced = {
    get steps() {
      return sandbox.steps;
    },
    over: false,
    step: () => sandbox.step(),
    settle: async () => {},
  };
  const end = new AbortController();
  const pacer: Pacer = createPacer(paced, {
    clock: systemClock,
    nextTurn,
    onTurn: createFrames(openings, sandbox, () => pacer),
  });
  opened = { sandbox, pacer, end };
  pacer.setSpeed(speed);
  void pacer.run(end.signal).catch(failed);
}

/** Posts a frame when time has passed or something was changed. */
function createFrames(
  opening: number,
  sandbox: Sandbox,
  pacer: () => Pick<Pacer, "speed">,
): (isStill: boolean) => void {
  let posted = { steps: -1, atMs: -Infinity };
  return (isStill) => {
    if (opening !== openings) return;
    const atMs = systemClock.now();
    const isDue = sandbox.steps !== posted.steps && (isStill || atMs - posted.atMs >= FRAME_EVERY_MS);
    if (!isDue && !isChanged) return;
    isChanged = false;
    posted = { steps: sandbox.steps, atMs };
    const { speed } = pacer();
    const frame = { opening, nowMs: sandbox.steps * STEP_MS, speed, sides: sandbox.views() };
    scope.postMessage({ type: "frame", frame });
  };
}

function failed(error: unknown): void {
  opened?.end.abort();
  scope.postMessage({ type: "failed", message: messageOf(error) });
}
