import { STEP_MS } from "../../../lab/world/simulated/virtual-time.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { Speed } from "./protocol.ts";

/** What is paced: steps of virtual time, and calls that are done between two of them. */
export interface PacedSession {
  readonly steps: number;
  /** True once no further step passes any time. */
  readonly over: boolean;
  step(): Promise<void>;
  settle(): Promise<void>;
}

/** When steps are taken: how fast, whether at all, and how many in a row before messages get a turn. Never what a step does. */
export interface Pacer {
  readonly speed: Speed;
  setSpeed(speed: Speed): void;
  /** Lets this much virtual time pass although it stands still. */
  step(ms: number): void;
  /** A call waits for its turn, also while time stands still. */
  wake(): void;
  /** Paces until the signal is aborted; rejects when a step does. */
  run(signal: AbortSignal): Promise<void>;
}

export interface PacerDeps {
  readonly clock: Clock;
  /** Resolves in a later turn of the loop, after messages that came in. */
  readonly nextTurn: () => Promise<void>;
  /** Called after each slice of steps, and while none is due; true where virtual time stands still. */
  readonly onTurn: (isStill: boolean) => void;
}

/** Steps are taken for so long without a turn for messages. */
export const SLICE_MS = 12;
/** Of real time: a world that is further behind than that goes on from where it is. */
const BEHIND_MS = 500;

export function createPacer(session: PacedSession, { clock, nextTurn, onTurn }: PacerDeps): Pacer {
  let speed: Speed = 0;
  /** Where real time and virtual time were together last: a new speed begins from here. */
  let anchor = { realMs: clock.now(), virtualMs: 0 };
  let isWoken = false;
  let endWait: (() => void) | undefined;

  const reachedMs = (): number => session.steps * STEP_MS;
  const dueMs = (): number =>
    speed === null ? Infinity : anchor.virtualMs + (clock.now() - anchor.realMs) * speed;
  const isDue = (): boolean => !session.over && reachedMs() < dueMs();

  function wake(): void {
    isWoken = true;
    endWait?.();
  }

  function anchorHere(): void {
    anchor = { realMs: clock.now(), virtualMs: reachedMs() };
  }

  /** Until the next step is due or somebody calls; a world at rest has no timer. */
  async function wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel =
        speed === null || speed === 0 || session.over
          ? undefined
          : clock.after((reachedMs() - dueMs()) / speed + 1, resolve);
      endWait = () => {
        cancel?.();
        resolve();
      };
    });
    endWait = undefined;
  }

  return {
    get speed() {
      return speed;
    },
    setSpeed(next) {
      speed = next;
      anchorHere();
      wake();
    },
    step(ms) {
      if (speed !== 0) return;
      anchor = { ...anchor, virtualMs: anchor.virtualMs + ms };
      wake();
    },
    wake,
    async run(signal) {
      signal.addEventListener("abort", wake, { once: true });
      while (!signal.aborted) {
        isWoken = false;
        const sliceEnd = clock.now() + SLICE_MS;
        await session.settle();
        // A machine that slept or cannot keep up does not catch up in a burst.
        if (speed !== null && speed > 0 && dueMs() - reachedMs() > BEHIND_MS * speed) anchorHere();
        while (isDue() && clock.now() < sliceEnd) await session.step();
        onTurn(session.over || (speed === 0 && !isDue()));
        if (isDue() || isWoken) await nextTurn();
        else await wait();
      }
    },
  };
}
