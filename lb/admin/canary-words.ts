import { CodedError } from "../../runtime/errors.ts";
import type { CanaryOptions } from "../config/rollout/canary.ts";

/** A canary's options as people write them: in a command's flags and in a URL's query. */
export interface CanaryWords {
  readonly share?: string | undefined;
  readonly step?: string | undefined;
  readonly every?: string | undefined;
  readonly bake?: string | undefined;
  readonly user?: string | undefined;
  readonly inconclusive?: string | undefined;
}

export const CANARY_WORDS = [
  "share",
  "step",
  "every",
  "bake",
  "user",
  "inconclusive",
] as const satisfies readonly (keyof CanaryWords)[];

/** Throws USAGE for what is no share (`10%`, `0.1`) or no duration (`500ms`, `30s`, `1m`, `2h`). */
export function readCanaryWords(words: CanaryWords): Partial<CanaryOptions> {
  const { share, step, every, bake, user, inconclusive } = words;
  return {
    ...(share !== undefined && { share: readShare("share", share) }),
    ...(step !== undefined && { step: readShare("step", step) }),
    ...(every !== undefined && { everyMs: readDuration("every", every) }),
    ...(bake !== undefined && { bakeMs: readDuration("bake", bake) }),
    ...(user !== undefined && { user }),
    ...(inconclusive !== undefined && { inconclusiveLimit: readCount("inconclusive", inconclusive) }),
  };
}

function readShare(name: string, text: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d+)?)\s*(%?)$/.exec(text.trim()) ?? [];
  const value = Number(number) / (percent === "%" ? 100 : 1);
  if (number === undefined || value <= 0 || value > 1)
    throw new CodedError("USAGE", `${name} must be a part of the users such as 10% or 0.1, and not ${text}`);
  return value;
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function readDuration(name: string, text: string): number {
  const [, number, unit = ""] = /^(\d{1,9}(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim()) ?? [];
  if (number === undefined && text.trim() !== "0")
    throw new CodedError("USAGE", `${name} must be a time such as 30s, 1m or 10m, and not ${text}`);
  return Math.round(Number(number ?? 0) * (UNITS_MS[unit] ?? 1));
}

function readCount(name: string, text: string): number {
  if (!/^\d{1,5}$/.test(text))
    throw new CodedError("USAGE", `${name} must be a whole number, and not ${text}`);
  return Number(text);
}
