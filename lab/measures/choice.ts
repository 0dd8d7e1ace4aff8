import { nearest } from "../../lb/config/did-you-mean.ts";
import { CodedError } from "../../runtime/errors.ts";
import { seeded } from "../../runtime/random.ts";
import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import type { MonitoringTexts } from "../observe/text-file.ts";
import { MEASURES } from "./index.ts";
import { MEASURE_MINUTE_MS, type Effect, type MeasureKind } from "./kind.ts";
import type { Measure } from "./measure.ts";

/** Options of measures by their names, as they are given: `{ canary: { start: "20%" } }`. */
export type MeasureOptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Which measures are on beside the standard ones, with their options, and which of the standard ones are off. */
export interface Choice {
  readonly with: MeasureOptions;
  readonly without: readonly string[];
}

export const NO_CHOICE: Choice = { with: {}, without: [] };

/** How a choice is written: names, and `-NAME` for a standard measure that is left out. */
export const namesOf = ({ with: on, without }: Choice): string[] => [
  ...Object.keys(on),
  ...without.map((name) => `-${name}`),
];

/** The measure of this name. Throws CodedError USAGE with the nearest one. */
export function measureNamed(name: string): MeasureKind {
  const found = MEASURES.find((kind) => kind.name === name);
  if (found) return found;
  throw unknown(
    "measure",
    name,
    MEASURES.map((kind) => kind.name),
  );
}

/**
 * A choice by what was given on a command line: names, names without which, and `measure.option=value`. Throws CodedError
 * USAGE for what does not exist, with the nearest name, and for what does not go together, with the reason.
 */
export function chosenMeasures(
  names: readonly string[],
  without: readonly string[],
  options: readonly string[],
): Choice {
  const chosen: Record<string, Record<string, string>> = {};
  for (const name of names) chosen[measureNamed(name).name] = {};
  for (const text of options) {
    const [, measure = "", option = "", value = ""] = /^([^.=]+)\.([^.=]+)=(.*)$/.exec(text) ?? [];
    if (measure === "") throw new CodedError("USAGE", `"${text}" is not measure.option=value`);
    const { parameters } = measureNamed(measure);
    if (!Object.hasOwn(parameters, option))
      throw unknown(`option of ${measure}`, option, Object.keys(parameters));
    const on = chosen[measure];
    if (!on)
      throw new CodedError("USAGE", `${measure} has an option and is not on`, { hint: `--with ${measure}` });
    on[option] = value;
  }
  return assertTogether({ with: chosen, without: without.map((name) => measureNamed(name).name) });
}

/** The same choice. Throws CodedError USAGE where its measures exclude each other, or an option cannot be read. */
export function assertTogether(choice: Choice): Choice {
  const on = Object.keys(choice.with);
  for (const name of choice.without) {
    if (!measureNamed(name).isStandard)
      throw new CodedError("USAGE", `${name} is not on by itself: there is nothing to leave out`, {
        hint: `to be left out: ${MEASURES.filter(({ isStandard }) => isStandard)
          .map((kind) => kind.name)
          .join(", ")}`,
      });
    if (on.includes(name)) throw new CodedError("USAGE", `${name} is to be on and to be left out`);
  }
  for (const name of on) {
    const { excludes, needs, parameters } = measureNamed(name);
    for (const option of Object.keys(choice.with[name] ?? {}))
      if (!Object.hasOwn(parameters, option))
        throw unknown(`option of ${name}`, option, Object.keys(parameters));
    for (const [other, why] of Object.entries(excludes))
      if (on.includes(other))
        throw new CodedError("USAGE", `${name} and ${other} exclude each other: ${why}`);
    for (const [needed, why] of Object.entries(needs))
      if (choice.without.includes(needed)) throw new CodedError("USAGE", `${name} needs ${needed}: ${why}`);
  }
  effectsOf(choice, "drill", 1);
  return choice;
}

/**
 * The same choice, for real processes. Throws CodedError USAGE for what would change the alert rules: those of a real
 * Prometheus are its own.
 */
export function assertLive(choice: Choice): Choice {
  for (const { name, without } of MEASURES)
    if (choice.without.includes(name) && without?.(ANYWHERE).monitoring)
      throw new CodedError(
        "USAGE",
        `${name} can be left out in virtual time only: live, the alert rules are the monitoring's own`,
      );
  return choice;
}

const ANYWHERE = { minuteMs: MEASURE_MINUTE_MS.drill, random: seeded(1) };

/** A choice's effects in the order of the table. */
export function effectsOf({ with: on, without }: Choice, pace: PaceName, seed: number): readonly Effect[] {
  const minuteMs = MEASURE_MINUTE_MS[pace];
  return MEASURES.flatMap((kind) => {
    const { name } = kind;
    const surroundings = { minuteMs, random: seeded(seed).fork(`measure:${name}`) };
    const options = on[name];
    if (options) return [kind.with(options, surroundings)];
    return without.includes(name) && kind.without ? [kind.without(surroundings)] : [];
  });
}

/** An incident with a choice of measures. */
export interface Measured {
  readonly scenario: Scenario;
  readonly measures: readonly Measure[];
  /** The monitoring's texts as they are with the measures. */
  readonly monitoring: (texts: MonitoringTexts) => MonitoringTexts;
}

export function measured(scenario: Scenario, choice: Choice, pace: PaceName, seed: number): Measured {
  const effects = effectsOf(choice, pace, seed);
  return {
    scenario: effects.reduce((made, { prepare }) => prepare?.(made, pace) ?? made, scenario),
    measures: effects.flatMap(({ measure }) => measure ?? []),
    monitoring: (texts) => effects.reduce((made, { monitoring }) => monitoring?.(made) ?? made, texts),
  };
}

function unknown(what: string, given: string, known: readonly string[]): CodedError {
  const meant = nearest(given, known);
  return new CodedError(
    "USAGE",
    `there is no ${what} "${given}"${meant === undefined ? "" : `: did you mean ${meant}?`}`,
    { hint: `there is ${known.join(", ")}` },
  );
}
