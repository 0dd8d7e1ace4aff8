import type { AlertInstance } from "../../lab/observe/rules/alert.ts";
import type { Labels } from "../../lab/observe/samples.ts";

/** Alerts by short names, and which of them fire from when on. */
export interface AlertScript {
  readonly alerts: Readonly<Record<string, { readonly labels: Labels; readonly annotations?: Labels }>>;
  /** Milliseconds from the start, and everything that fires from then on. */
  readonly steps: readonly (readonly [atMs: number, firing: readonly string[]])[];
  readonly silences?: readonly ScriptedSilence[];
  readonly endMs: number;
}

export interface ScriptedSilence {
  readonly atMs: number;
  readonly endMs: number;
  readonly label: string;
  readonly value: string;
}

/** The alerts that a pager gets at one moment. Times are epoch ms. */
export interface ScriptMoment {
  readonly at: number;
  readonly firing: readonly AlertInstance[];
  /** What fired until now, as last reported. */
  readonly ended: readonly AlertInstance[];
}

export function momentsOf({ alerts, steps }: AlertScript, epoch: number): readonly ScriptMoment[] {
  let before = new Map<string, AlertInstance>();
  return steps.map(([atMs, names]) => {
    const at = epoch + atMs;
    const now = new Map(
      names.map((name) => [name, before.get(name) ?? firingAlert(alerts[name] ?? { labels: {} }, at)]),
    );
    const ended = [...before].filter(([name]) => !now.has(name)).map(([, alert]) => alert);
    before = now;
    return { at, firing: [...now.values()], ended };
  });
}

/** An alert that fires since `at` (epoch ms). */
export function firingAlert(
  { labels, annotations = {} }: { readonly labels: Labels; readonly annotations?: Labels },
  at: number,
): AlertInstance {
  const name = labels["alertname"] ?? "";
  return { name, labels, annotations, state: "firing", value: 1, activeAt: at, firedAt: at };
}
