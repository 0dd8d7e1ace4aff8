import type { ProposedChange } from "../world/change-gate.ts";
import { defineMeasure } from "./kind.ts";
import { loadSeen } from "./load-seen.ts";
import type { MeasureActions } from "./measure.ts";
import { minutes, onOff, share } from "./parameters.ts";
import { ALLOW, isEmergency } from "./rulings.ts";
import { judged } from "./semantic-check.ts";
import { portsTaken } from "./trial-bind.ts";

/** What a reviewer goes by: the rules that a check has, as a person knows them. */
const KNOWN = { share: 2, capacity: 1.2 } as const;
const LOOKED_AT_MINUTES = 5;

export const review = defineMeasure({
  name: "review",
  does: "lets a second person approve every change, who sees what is wrong with some probability; in an emergency it goes past, and says so",
  askedFor: ["001", "002", "003", "004"],
  hooks: "before every change of a team, and before an act on a day without an emergency",
  trap: "it saves with the probability that a reviewer sees it, and every good push waits",
  parameters: {
    sees: share("60%", "the probability that a reviewer sees what is wrong", "ours: sweep it"),
    delay: minutes("30", "how long an approval takes", "ours: half an hour"),
    emergency: onOff("on", "whether acts go past it while the pager rings", "change boards' emergency way"),
  },
  create: ({ sees, delay, emergency }, { minuteMs, random }) => ({
    measure: {
      name: "review",
      begin: (actions) => ({
        before(change) {
          if (change.isAct && emergency && isEmergency(actions)) return ALLOW;
          // Drawn for each change, whatever is in it: another option shifts no later draw.
          const attentive = random.next() < sees;
          return {
            ruling: "ask",
            whom: "reviewer",
            message: "a reviewer is asked",
            answer: reviewed(change, attentive, delay * minuteMs, { ...actions, minuteMs }),
          };
        },
      }),
    },
  }),
});

async function reviewed(
  change: ProposedChange,
  attentive: boolean,
  delayMs: number,
  actions: MeasureActions & { readonly minuteMs: number },
): Promise<{ readonly approved: boolean; readonly message: string }> {
  const wrong = attentive ? await wrongWith(change, actions) : undefined;
  const { clock } = actions;
  await new Promise<void>((resolve) => clock.after(delayMs, resolve));
  return wrong === undefined
    ? { approved: true, message: "the reviewer approves it" }
    : { approved: false, message: `the reviewer sees it: ${wrong}` };
}

async function wrongWith(
  change: ProposedChange,
  actions: MeasureActions & { readonly minuteMs: number },
): Promise<string | undefined> {
  const { environment = "production", ports = [] } = change;
  if (environment !== "production") return `it is built for ${environment}`;
  const [taken] = await portsTaken(ports, actions);
  if (taken !== undefined) return taken;
  const load = await loadSeen(actions, (LOOKED_AT_MINUTES * actions.minuteMs) / 1000);
  return (await judged(change, actions, load, KNOWN))?.message;
}
