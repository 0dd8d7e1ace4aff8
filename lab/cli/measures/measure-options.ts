import { Option } from "commander";
import { chosenMeasures, type Choice } from "../../measures/choice.ts";

/** Flags with which a command has measures on. */
export interface MeasureFlags {
  readonly with?: readonly string[];
  readonly without?: readonly string[];
  readonly measureOption?: readonly string[];
}

const names = (text: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  ...text.split(",").filter((name) => name !== ""),
];

export const withOption = (): Option =>
  new Option("--with <measures>", "corrective measures that are on, with commas between them").argParser(
    names,
  );

export const withoutOption = (): Option =>
  new Option("--without <measures>", "measures that are always on, left out this time").argParser(names);

export const measureOption = (): Option =>
  new Option(
    "--measure-option <measure.option=value>",
    "an option of a measure that is on; again for more",
  ).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);

/** The flags as they were given, to be given again. */
export const wordsOf = ({
  with: on = [],
  without = [],
  measureOption: options = [],
}: MeasureFlags): string[] => [
  ...(on.length > 0 ? ["--with", on.join(",")] : []),
  ...(without.length > 0 ? ["--without", without.join(",")] : []),
  ...options.flatMap((option) => ["--measure-option", option]),
];

/** What the flags choose. Throws CodedError USAGE for what does not exist or does not go together. */
export const choiceOf = ({
  with: on = [],
  without = [],
  measureOption: options = [],
}: MeasureFlags): Choice => chosenMeasures(on, without, options);
