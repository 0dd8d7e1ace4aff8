import { readFileSync } from "node:fs";
import { Option } from "commander";
import { systemClock } from "../../runtime/clock.ts";
import { CodedError, messageOf } from "../../runtime/errors.ts";
import { WORLDS } from "./settings.ts";

/** Arguments that several commands read in the same way. Each throws CodedError USAGE for what it cannot read. */

export const seedOption = (): Option =>
  new Option("--seed <n>", "seed of everything that is left to chance").argParser((text) => {
    if (!/^\d{1,9}$/.test(text)) throw new CodedError("USAGE", `a seed is a whole number, not "${text}"`);
    return Number(text);
  });

export const worldOption = (): Option =>
  new Option(
    "--world <world>",
    "processes of this machine, or containers (LBLAB_WORLD; default live)",
  ).choices([...WORLDS]);

/** Without one, it is taken from the clock. */
export const seedOf = (given: number | undefined): number => given ?? systemClock.wall() % 1_000_000;

export function versionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CodedError("USAGE", `a version is a whole number from 1, not "${text}"`);
}

export function weightOf(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 256) return Number(text);
  throw new CodedError("USAGE", `a weight is a whole number from 0 to 256, not "${text}"`);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** `30s`, `5m`, `1h30m`, as Prometheus writes durations; in seconds. */
export function secondsOf(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text)
    throw new CodedError("USAGE", `a duration is written like 30s, 5m or 1h30m, not "${text}"`);
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNIT_SECONDS[unit] ?? 0), 0);
}

/** `key=value` pairs. */
export function settingsFrom(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new CodedError("USAGE", `"${text}" is not key=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** A file's text; `-` is standard input. */
export function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new CodedError("USAGE", `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

const MOST_SEEDS = 10_000;

/** A whole number above 0 that a flag gives. Throws CodedError USAGE. */
export function countOf(flag: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const count = /^\d{1,6}$/.test(given) ? Number(given) : 0;
  if (count < 1 || count > MOST_SEEDS)
    throw new CodedError("USAGE", `${flag} must be a whole number from 1 to ${MOST_SEEDS}, not "${given}"`);
  return count;
}
