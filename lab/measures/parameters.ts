import { CodedError } from "../../runtime/errors.ts";

/** One option of a measure, given as `measure.option=value`. */
export interface Parameter<T> {
  /** As it would be given. */
  readonly fallback: string;
  readonly means: string;
  /** Where the default is from. */
  readonly source: string;
  /** What a value looks like. */
  readonly looksLike: string;
  /** Undefined for a text that is no value of it. */
  readonly read: (text: string) => T | undefined;
}

type Given = readonly [fallback: string, means: string, source: string];

const parameter =
  <T>(looksLike: string, read: (text: string) => T | undefined) =>
  (...[fallback, means, source]: Given): Parameter<T> => ({ fallback, means, source, looksLike, read });

const numberIn = (text: string, pattern: RegExp): number | undefined => {
  const [, digits] = pattern.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

/** Minutes of the pace, `10` or `0.5`. */
export const minutes = parameter("minutes, like 10", (text) => numberIn(text, /^(\d{1,5}(?:\.\d{1,2})?)m?$/));
/** A share, `20%`, as a ratio 0..1. */
export const share = parameter("a share, like 20%", (text) => {
  const percent = numberIn(text, /^(\d{1,3}(?:\.\d{1,2})?)%$/);
  return percent === undefined || percent > 100 ? undefined : percent / 100;
});
export const number = parameter("a number, like 1.2", (text) => numberIn(text, /^(\d{1,6}(?:\.\d{1,3})?)$/));
export const onOff = parameter("on or off", (text) =>
  text === "on" ? true : text === "off" ? false : undefined,
);

export const words = parameter("a text", (text) => (text === "" ? undefined : text));

export const oneOfWords = <const Word extends string>(
  words: readonly Word[],
  ...given: Given
): Parameter<Word> => parameter(words.join(" or "), (text) => words.find((word) => word === text))(...given);

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The values of a measure's parameters. */
export type ValuesOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never;
};

/** The values by the texts that were given, defaults for the rest. Throws CodedError USAGE with what a value looks like. */
export function valuesOf<P extends Parameters>(
  measure: string,
  parameters: P,
  given: Readonly<Record<string, string>>,
): ValuesOf<P> {
  const values = Object.entries(parameters).map(([name, { fallback, read, looksLike }]) => {
    const text = given[name] ?? fallback;
    const value = read(text);
    if (value === undefined)
      throw new CodedError("USAGE", `${measure}.${name} is ${looksLike}, not "${text}"`);
    return [name, value];
  });
  return Object.fromEntries(values) as ValuesOf<P>;
}
