import type { Random } from "../../runtime/random.ts";
import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import type { MonitoringTexts } from "../observe/text-file.ts";
import type { Measure } from "./measure.ts";
import { valuesOf, type Parameters, type ValuesOf } from "./parameters.ts";

/** What a measure is made for. */
export interface Surroundings {
  /** A minute of the measure's durations, in milliseconds. */
  readonly minuteMs: number;
  /** The measure's own. */
  readonly random: Random;
}

/** What a measure, or its removal, changes of a drill. Whatever is absent stays as it is. */
export interface Effect {
  /** Watches and acts while the drill runs. */
  readonly measure?: Measure;
  /** The incident, and what its team does, as they are with it. */
  readonly prepare?: (scenario: Scenario, pace: PaceName) => Scenario;
  /** The alert rules as they are with it; in virtual time only. */
  readonly monitoring?: (texts: MonitoringTexts) => MonitoringTexts;
}

/** One of the measures that reports ask for, with its switch. */
export interface MeasureKind {
  /** The switch: lower-case words with hyphens. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly does: string;
  /** Numbers of the reports that ask for it, by whatever words. */
  readonly askedFor: readonly string[];
  readonly parameters: Parameters;
  /** Where it takes hold. */
  readonly hooks: string;
  /** Traps that its users report. */
  readonly trap: string;
  /** True where the lab has it today, so that only its removal says what it saves. */
  readonly isStandard: boolean;
  /** True for a standard measure that is all on by itself. */
  readonly addsNothing: boolean;
  /** Names of measures that it cannot be combined with, and why. */
  readonly excludes: Readonly<Record<string, string>>;
  /** Names of standard measures that it cannot do without, and why. */
  readonly needs: Readonly<Record<string, string>>;
  /** What it adds. Throws CodedError USAGE for an option that cannot be read. */
  with(options: Readonly<Record<string, string>>, surroundings: Surroundings): Effect;
  /** What is different without it; absent where it is no standard measure. */
  readonly without?: (surroundings: Surroundings) => Effect;
  /** Why its removal cannot cost anything in these incidents; absent where it can. */
  readonly zeroWithout?: string;
}

interface Declared<P extends Parameters>
  extends
    Pick<MeasureKind, "name" | "does" | "askedFor" | "hooks" | "trap">,
    Partial<Pick<MeasureKind, "excludes" | "needs" | "without" | "zeroWithout">> {
  readonly parameters: P;
  /** Absent for a standard measure that is all on by itself. */
  readonly create?: (options: ValuesOf<P>, surroundings: Surroundings) => Effect;
}

export const defineMeasure = <const P extends Parameters>({
  create,
  ...declared
}: Declared<P>): MeasureKind => ({
  excludes: {},
  needs: {},
  ...declared,
  isStandard: declared.without !== undefined,
  addsNothing: create === undefined,
  with: (options, surroundings) =>
    create?.(valuesOf(declared.name, declared.parameters, options), surroundings) ?? {},
});

/** A minute of a measure's durations: in a drill six seconds, so that a bake of ten fits into one. */
export const MEASURE_MINUTE_MS = { drill: 6000, report: 60_000 } as const satisfies Record<PaceName, number>;
