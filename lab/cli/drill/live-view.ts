import { createLogUpdate } from "log-update";
import { every, systemClock } from "../../../runtime/clock.ts";
import type { Lab } from "../../control/lab.ts";
import { widthOf, type Output } from "../output.ts";
import { lineText, liveText } from "../look/status-text.ts";

/** The terminal's view of a running drill. */
export interface LiveView {
  begin(): void;
  /** A line that stays. */
  say(line: string): void;
  /** Makes a sound on a terminal. */
  ring(): void;
  end(): void;
}

const LINE_EVERY_MS = 5000;

/** A screen that redraws itself on a terminal, and a line now and then elsewhere. */
export function createLiveView(lab: Lab, output: Output, auto: boolean): LiveView {
  // A terminal that cannot move its cursor shows the codes for it.
  const redraws = process.stderr.isTTY && process.env["TERM"] !== "dumb" && !auto;
  const screen = redraws ? createLogUpdate(process.stderr) : undefined;
  let stop: (() => void) | undefined;
  let busy = false;
  const draw = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const status = await lab.client.status();
      if (stop === undefined) return;
      // Its drawing of differences alone leaves lines behind when the number of lines changes.
      screen?.clear();
      if (screen) screen(`\n${liveText(status, widthOf(process.stderr))}\n\n(Ctrl-C ends the lab)`);
      else output.note(`  ${lineText(status)}`);
    } catch {
      // Between two worlds there is nothing to draw.
    } finally {
      busy = false;
    }
  };
  return {
    begin() {
      stop = every(systemClock, redraws ? 1000 : LINE_EVERY_MS, () => void draw());
    },
    say(line: string) {
      screen?.clear();
      output.note(line);
    },
    ring() {
      if (screen) process.stderr.write("\u0007");
    },
    end() {
      stop?.();
      stop = undefined;
      screen?.done();
    },
  };
}
