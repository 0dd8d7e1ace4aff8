import { sleep } from "../../runtime/clock.ts";
import type { Action } from "../../scenarios/action.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import { awaitPage } from "./page.ts";
import { awaitRecovery } from "./recovery.ts";
import { DRILL_TEMPO, type Responder } from "./responder.ts";

/** Between two changes: time to find the next one and to take it back. */
const MINUTES_EACH = 1;

/**
 * Takes the newest change back, then the one before it, and so on, and checks after each. It looks at no metric, no log and
 * no configuration, and never asks what a change was for.
 */
export const takeBackTheNewest: Responder = async (trainee, options) => {
  const { clock, signal, say, tempo = DRILL_TEMPO } = options;
  if (!(await awaitPage(trainee, options))) return true;
  const changes = await trainee.changes();
  const versions = (await trainee.configHistory()).map(({ version }) => version).sort((a, b) => a - b);
  for (const change of [...changes].reverse()) {
    await sleep(clock, MINUTES_EACH * tempo.minuteMs, signal);
    if (change.kind === "config") versions.pop();
    const step = undoing(change, versions.at(-1));
    say(`taken back: ${change.summary}`);
    const { ok, message } = await trainee.act(step);
    if (!ok) {
      say(`cannot be taken back: ${message}`);
      continue;
    }
    if ((await trainee.check()).ok) return true;
  }
  say("everything is taken back");
  return awaitRecovery(trainee, options);
};

function undoing({ id, kind, subjects: [subject = ""] }: ChangeEntry, version: number | undefined): Action {
  switch (kind) {
    case "config":
      return { do: "config rollback", ...(version === undefined ? {} : { version }) };
    case "package":
      return { do: "package uninstall", package: subject };
    case "deploy":
    case "tune":
    case "restart":
    case "retire":
      return { do: "change revert", change: id };
  }
}
