import type { Action } from "../../scenarios/action.ts";
import type { UnitDefinition } from "./host.ts";
import { hasSetting, type UnitConfig } from "./unit-config.ts";

/** The part of a unit that decides which acts may be done to it. */
export interface Subject {
  readonly definition: Pick<UnitDefinition, "outside" | "settings">;
  /** The configuration of its next start. */
  readonly config: UnitConfig;
}

/**
 * Why an act is refused before anything is done, the same in every world; undefined when it may be tried. No act reaches
 * an instrument, and no setting changes what the machine itself decides.
 */
export function refusalOf(
  step: Action,
  subjectNamed: (unit: string) => Subject | undefined,
): string | undefined {
  if (!("unit" in step)) return undefined;
  const subject = subjectNamed(step.unit);
  if (!subject) return undefined;
  const { outside, settings = [] } = subject.definition;
  if (outside === true) return `${step.unit} is an instrument of the judge: no act reaches it`;
  if (step.do !== "unit config") return undefined;
  const isSetting = (path: string): boolean =>
    settings.some((setting) => path === setting || path.startsWith(`${setting}.`));
  // A setting that does not exist is refused by the unit itself, which lists those that do.
  const fixed = Object.keys(step.set).find((path) => !isSetting(path) && hasSetting(subject.config, path));
  if (fixed === undefined) return undefined;
  const others = settings.length === 0 ? "it has none" : `there is ${settings.join(", ")}`;
  return `${step.unit}: ${fixed} is what this machine is, and no setting; ${others}`;
}
