import type { Action } from "../../scenarios/action.ts";
import type { MadeChange } from "../world/change-gate.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import { defineMeasure } from "./kind.ts";
import type { Measure, MeasureActions } from "./measure.ts";
import { minutes, oneOfWords } from "./parameters.ts";
import { ALLOW, isEmergency } from "./rulings.ts";

export const autoRollback = defineMeasure({
  name: "auto-rollback",
  does: "watches users after each push; when the pager rings it puts back what was pushed, to the last version that has baked, and freezes pushes",
  askedFor: ["002"],
  hooks: "after every push of a team; the pager",
  trap: "it blames the last push for whatever happens while it watches; and what it cannot undo stays",
  parameters: {
    watch: minutes(
      "10",
      "how long a push is watched before it counts as baked",
      "AppConfig's bake of 10 minutes",
    ),
    after: minutes("1", "how long the pager must have rung", "one interval of Flagger, 60 s"),
    freeze: minutes("60", "how long pushes are refused after a rollback", "ours: until somebody has looked"),
    undoes: oneOfWords(["every", "config"], "every", "kinds of changes that it undoes", "ours"),
  },
  needs: { history: "it puts an earlier version back, and without history there is none" },
  create: ({ watch, after, freeze, undoes }, { minuteMs }) => ({
    measure: rollback({
      watchMs: watch * minuteMs,
      afterMs: after * minuteMs,
      freezeMs: freeze * minuteMs,
      configOnly: undoes === "config",
    }),
  }),
});

interface RollbackConfig {
  readonly watchMs: number;
  readonly afterMs: number;
  readonly freezeMs: number;
  readonly configOnly: boolean;
}

const rollback = ({ watchMs, afterMs, freezeMs, configOnly }: RollbackConfig): Measure => ({
  name: "auto-rollback",
  begin(actions) {
    const { clock, monitoring, sight } = actions;
    /** Versions of the configuration count, newest last: the first one is known to work. */
    let baked: number | undefined;
    let watched: MadeChange[] = [];
    let frozen = false;
    void sight.config().then(({ version }) => (baked ??= version));

    monitoring.onAlert(({ to, alert }) => {
      if (to !== "firing" || alert.labels["severity"] !== "page") return;
      clock.after(afterMs, () => {
        if (watched.length === 0 || !isEmergency(actions)) return;
        const blamed = watched;
        watched = [];
        frozen = true;
        clock.after(freezeMs, () => void (frozen = false));
        void undo(blamed, baked, actions, configOnly);
      });
    });
    return {
      before: ({ isAct }) =>
        frozen && !isAct
          ? { ruling: "refuse", message: "pushes are frozen since one was rolled back" }
          : ALLOW,
      after(change) {
        // Who is on call has taken over: nothing of theirs is undone, nor what they built upon.
        if (change.isAct && (change.kind === "config" || change.kind === "package")) watched = [];
        if (change.isAct || change.entry === undefined) return;
        watched.push(change);
        clock.after(watchMs, () => {
          if (!watched.includes(change)) return;
          watched = watched.filter((one) => one !== change);
          if (change.kind === "config" && !watched.some(({ kind }) => kind === "config"))
            void sight.config().then(({ version }) => (baked = version));
        });
      },
    };
  },
});

/** Undoes the pushes, the newest first; the configuration once, to the version that has baked. */
async function undo(
  blamed: readonly MadeChange[],
  baked: number | undefined,
  { act, sight }: MeasureActions,
  configOnly: boolean,
): Promise<void> {
  const oldest = blamed.find(({ kind }) => kind === "config")?.entry;
  for (const { kind, entry } of blamed.toReversed()) {
    if (!entry || (kind === "config" && entry !== oldest) || (configOnly && kind !== "config")) continue;
    const steps = undoing(entry, baked);
    for (const [i, step] of steps.entries()) await act(step, i === steps.length - 1 ? entry : undefined);
  }
  // What could not start while the change was there has given up.
  for (const { name, state } of sight.units())
    if (state === "failed") await act({ do: "unit restart", unit: name });
}

function undoing({ id, kind, subjects }: ChangeEntry, baked: number | undefined): readonly Action[] {
  switch (kind) {
    case "config":
      return [{ do: "config rollback", ...(baked === undefined ? {} : { version: baked }) }];
    case "package":
      return [{ do: "package uninstall", package: subjects[0] ?? "" }];
    case "retire":
      return subjects.flatMap((unit): Action[] => [
        { do: "unit enable", unit },
        { do: "unit start", unit },
      ]);
    case "deploy":
    case "tune":
      return [{ do: "change revert", change: id }];
    case "restart":
      return [];
  }
}
