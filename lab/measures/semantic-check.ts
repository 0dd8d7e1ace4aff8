import type { ProposedChange } from "../world/change-gate.ts";
import { judgeConfig, newFindings, type ConfigRules, type LoadSeen } from "./judge-config.ts";
import { defineMeasure } from "./kind.ts";
import { loadSeen } from "./load-seen.ts";
import type { MeasureActions, Ruling } from "./measure.ts";
import { minutes, number } from "./parameters.ts";
import { retiredInUse } from "./retired-in-use.ts";
import { ALLOW, isEmergency } from "./rulings.ts";

export const semanticCheck = defineMeasure({
  name: "semantic-check",
  does: "refuses a configuration that is legal and cannot be meant, and the retirement of servers that a pool still names",
  askedFor: ["001", "003"],
  hooks: "before a configuration is taken, before units are retired",
  trap: "a rule that needs the load goes by the window that it read: at night it lets pass what the day cannot bear",
  parameters: {
    share: number(
      "2",
      "how many times its fair share an upstream may get",
      "ours: half as much again is what lint warns of",
    ),
    capacity: number(
      "1.2",
      "how many times the load seen a pool's connections must hold",
      "a common headroom of 20 %",
    ),
    window: minutes("5", "the load seen is the mean over so long", "ours"),
  },
  create: ({ window, ...rules }, { minuteMs }) => ({
    measure: {
      name: "semantic-check",
      begin: (actions) => ({
        async before(change) {
          const load = isEmergency(actions) ? new Map() : await loadSeen(actions, (window * minuteMs) / 1000);
          return (await judged(change, actions, load, rules)) ?? ALLOW;
        },
      }),
    },
  }),
});

/** The refusal of a change by what would be in force; undefined where nothing speaks against it. */
export async function judged(
  change: ProposedChange,
  actions: Pick<MeasureActions, "sight" | "clock">,
  load: LoadSeen,
  rules: ConfigRules,
): Promise<Extract<Ruling, { readonly ruling: "refuse" }> | undefined> {
  if (change.kind === "retire") {
    const named = await retiredInUse(change.subjects, actions);
    if (named.length === 0) return undefined;
    return { ruling: "refuse", message: `${named.join(", ")}: the configuration in force still names them` };
  }
  if (!change.config) return undefined;
  const now = actions.clock.wall();
  const { before, after } = change.config;
  const read = judgeConfig(after, before, load, rules, now);
  // What cannot be read is refused by the balancer itself.
  if (!read) return undefined;
  const findings = newFindings(read, judgeConfig(before, undefined, new Map(), rules, now));
  if (findings.length === 0) return undefined;
  const message = findings.map(({ code, path, message: text }) => `${code}: ${path}: ${text}`).join("; ");
  return { ruling: "refuse", message, findings };
}
