import { randomBytes } from "node:crypto";
import type { Handover } from "../../runtime/handover.ts";
import { KEY_NAMES, type KeyName } from "../../runtime/keys.ts";

/** The secrets of one run, by purpose. They leave this process over the channels of its units only. */
export type RunKeys = Readonly<Record<KeyName, string>>;

/** Secrets, so not from the seeded random streams. */
export const createRunKeys = (): RunKeys =>
  Object.fromEntries(KEY_NAMES.map((name) => [name, randomBytes(32).toString("base64url")])) as RunKeys;

/** The keys that one unit gets. */
export const keysFor = (all: RunKeys, names: readonly KeyName[]): Handover["keys"] =>
  Object.fromEntries(names.map((name) => [name, all[name]]));
