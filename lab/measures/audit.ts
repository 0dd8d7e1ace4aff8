import { every } from "../../runtime/clock.ts";
import { judgeConfig } from "./judge-config.ts";
import { defineMeasure } from "./kind.ts";
import type { MeasureActions, Suspicion } from "./measure.ts";
import { minutes, oneOfWords } from "./parameters.ts";
import { onAbort } from "./on-abort.ts";

const RULES = { share: 2, capacity: 1.2 } as const;

export const audit = defineMeasure({
  name: "audit",
  does: "holds what runs against rules on a schedule, the configuration and the packages, and names the change that broke one",
  askedFor: ["000", "001", "002", "003"],
  hooks: "a schedule of its own",
  trap: "between two audits it sees nothing: at the usual four hours all five outages are over",
  parameters: {
    every: minutes(
      "5",
      "between two audits",
      "as often as monitoring can bear; Terraform's drift detection has 240",
    ),
    here: oneOfWords(
      ["production", "staging", "test"],
      "production",
      "what this environment is",
      "Kubernetes context guards",
    ),
  },
  create: ({ every: minutesBetween, here }, { minuteMs, random }) => ({
    measure: {
      name: "audit",
      begin(actions) {
        const { clock, signal, suspect } = actions;
        const named = new Set<string>();
        const look = async (): Promise<void> => {
          for (const suspicion of await broken(actions, here)) {
            if (signal.aborted || named.has(suspicion.message)) continue;
            named.add(suspicion.message);
            suspect(suspicion);
          }
        };
        const everyMs = minutesBetween * minuteMs;
        // Nobody knows where in its schedule an outage begins.
        let stop = clock.after(random.next() * everyMs, () => {
          void look();
          stop = every(clock, everyMs, () => void look());
        });
        onAbort(signal, () => stop());
        return {};
      },
    },
  }),
});

async function broken(
  { sight, clock }: Pick<MeasureActions, "sight" | "clock">,
  here: string,
): Promise<readonly Suspicion[]> {
  const changes = sight.changes();
  const found: Suspicion[] = [];
  for (const { id, kind, detail } of changes) {
    const [, environment] = /built for (\w+)$/.exec(detail) ?? [];
    if (kind === "package" && environment !== undefined && environment !== here && isInstalled(detail, sight))
      found.push({ change: id, message: `${id}: ${detail}, and this is ${here}` });
  }
  const now = clock.wall();
  // The oldest version was reviewed: what runs is held against it.
  const [oldest] = await sight.configHistory();
  const reviewed = oldest && (await sight.config(oldest.version)).yaml;
  const findingsIn = (yaml: string): readonly string[] =>
    (judgeConfig(yaml, reviewed, new Map(), RULES, now)?.findings ?? []).map(
      ({ code, path }) => `${code} ${path}`,
    );
  const { version, yaml } = await sight.config();
  for (const finding of findingsIn(yaml)) {
    let since = version;
    for (let earlier = version - 1; earlier > 0; earlier--) {
      if (!findingsIn((await sight.config(earlier)).yaml).includes(finding)) break;
      since = earlier;
    }
    const entry = changes.findLast(
      ({ kind, detail }) => kind === "config" && detail.endsWith(` to ${since}`),
    );
    found.push({
      ...(entry ? { change: entry.id } : {}),
      message: `version ${since}${entry ? ` (${entry.id} by ${entry.by})` : ""} breaks a rule: ${finding}`,
    });
  }
  return found;
}

/** A package that has gone takes its units with it. */
const isInstalled = (detail: string, sight: MeasureActions["sight"]): boolean =>
  sight.units().some(({ owner }) => owner !== undefined && detail.includes(` ${owner} `));
