import type { MeasureOptions } from "../../../lab/measures/choice.ts";
import { MEASURES } from "../measures.ts";
import type { RecordTexts } from "../record/record-texts.ts";
import type { Speed } from "../world/protocol.ts";

/** Where in the page somebody is, as its link says it. */
export type Place =
  | { readonly kind: "first" }
  | { readonly kind: "tour" }
  | { readonly kind: "sandbox"; readonly text: string }
  | {
      readonly kind: "incident";
      readonly alias: string;
      readonly seed: number;
      readonly speed: Speed;
      readonly measures: MeasureOptions;
    }
  | { readonly kind: "replay"; readonly text: string }
  /** A live drill's journal, out of files: no link leads there. */
  | { readonly kind: "record"; readonly texts: RecordTexts };

const SPEED_WORDS: ReadonlyMap<string, Speed> = new Map([
  ["0.5", 0.5],
  ["1", 1],
  ["2", 2],
  ["5", 5],
  ["10", 10],
  ["max", null],
]);
const MAX_SEED = 2 ** 31 - 1;

/** What a fragment means; one that means nothing is the first page. */
export function placeOf(hash: string): Place {
  const fragment = hash.replace(/^#/, "");
  if (fragment.startsWith("drill=")) return { kind: "replay", text: fragment };
  if (fragment === "tour") return { kind: "tour" };
  if (fragment.startsWith("sandbox")) return { kind: "sandbox", text: fragment };
  const given = new URLSearchParams(fragment);
  const alias = given.get("incident");
  if (alias === null || !/^[a-z][a-z0-9-]{0,40}$/.test(alias)) return { kind: "first" };
  return {
    kind: "incident",
    alias,
    seed: seedOf(given.get("seed")),
    speed: speedOf(given.get("pace")),
    measures: measuresOf((given.get("with") ?? "").split(","), given.getAll("option")),
  };
}

/** The fragment of a place, without its hash sign. */
export function fragmentOf(place: Place): string {
  switch (place.kind) {
    case "first":
    case "record":
      return "";
    case "tour":
      return "tour";
    case "sandbox":
    case "replay":
      return place.text;
    case "incident":
      return `incident=${place.alias}&seed=${place.seed}&pace=${place.speed ?? "max"}${measuresText(place.measures)}`;
  }
}

/** A whole number from 0; else 1. */
export function seedOf(text: string | null): number {
  const seed = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED ? seed : 1;
}

/** Measures by their names, with their options as a command line has them: `canary.start=20%`. */
export function measuresOf(names: readonly string[], options: readonly string[]): MeasureOptions {
  const measures: Record<string, Record<string, string>> = {};
  for (const name of names) if (MEASURES.some((one) => one.name === name)) measures[name] = {};
  for (const text of options) {
    const [, name = "", option = "", value = ""] =
      /^([a-z-]+)\.([a-z-]+)=(.{1,100})$/.exec(text.trim()) ?? [];
    const of = Object.hasOwn(measures, name) ? measures[name] : undefined;
    if (of && option !== "") of[option] = value;
  }
  return measures;
}

/** The options of measures as a command line has them. */
export const optionWords = (measures: MeasureOptions): string[] =>
  Object.entries(measures).flatMap(([name, options]) =>
    Object.entries(options).map(([option, value]) => `${name}.${option}=${value}`),
  );

function measuresText(measures: MeasureOptions): string {
  const names = Object.keys(measures);
  if (names.length === 0) return "";
  const options = optionWords(measures).map((word) => `&option=${encodeURIComponent(word)}`);
  return `&with=${names.join(",")}${options.join("")}`;
}

const speedOf = (text: string | null): Speed => {
  const speed = SPEED_WORDS.get(text ?? "1");
  return speed === undefined ? 1 : speed;
};
