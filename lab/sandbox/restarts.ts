import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { WorldSetting } from "./setting.ts";

type Schedule = Pick<WorldSetting, "restartEverySeconds" | "downSeconds">;

/** Takes one backend after the other down for a while, as a release does that goes through all of them. */
export interface Restarts {
  change(world: Schedule & { readonly backends: readonly unknown[] }): void;
  isDown(place: number): boolean;
}

export function createRestarts(
  clock: Pick<Clock, "after">,
  { down, up }: { readonly down: (place: number) => void; readonly up: (place: number) => void },
): Restarts {
  let schedule: Schedule | undefined;
  let places = 0;
  let turns = 0;
  let downPlace: number | undefined;
  let cancel: Cancel | undefined;
  let cancelUp: Cancel | undefined;

  function goUp(): void {
    cancelUp?.();
    const place = downPlace;
    downPlace = undefined;
    if (place !== undefined) up(place);
  }

  function wait({ restartEverySeconds, downSeconds }: Schedule): void {
    cancel = clock.after(restartEverySeconds * 1000, () => {
      // The last one's time may be longer than the interval.
      goUp();
      // From the last to the first: what was changed by hand is among the first.
      downPlace = places - 1 - (turns++ % places);
      down(downPlace);
      cancelUp = clock.after(downSeconds * 1000, goUp);
      wait({ restartEverySeconds, downSeconds });
    });
  }

  return {
    change({ restartEverySeconds, downSeconds, backends }) {
      places = backends.length;
      if (schedule?.restartEverySeconds === restartEverySeconds && schedule.downSeconds === downSeconds)
        return;
      schedule = { restartEverySeconds, downSeconds };
      cancel?.();
      if (restartEverySeconds > 0) wait(schedule);
    },
    isDown: (place) => place === downPlace,
  };
}
