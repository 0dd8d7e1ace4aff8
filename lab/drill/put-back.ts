import { messageOf } from "../../runtime/errors.ts";
import type { Undo } from "../../scenarios/scenario.ts";
import type { Snapshot, World } from "../world/world.ts";

/**
 * Runs the undos, last in first out, brings the world back to its start, and compares. Whatever goes wrong on the way
 * keeps nothing else from being put back. Returns what differs from the start, a line each: none when all is as it was.
 */
export async function putBack(
  world: Pick<World, "restore" | "snapshot">,
  undos: readonly Undo[],
  start: Snapshot,
): Promise<string[]> {
  const differences: string[] = [];
  const attempt = async (what: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      differences.push(`${what}: ${messageOf(error)}`);
    }
  };
  for (const undo of undos.toReversed()) await attempt("an undo failed", undo);
  await attempt("the restore failed", () => world.restore(start));
  await attempt("the state could not be read", async () => {
    differences.push(...differencesOf(start, await world.snapshot()));
  });
  return differences;
}

/** A line for each value that is not what it was, with its path. */
export function differencesOf(start: Snapshot, now: Snapshot): string[] {
  const found: string[] = [];
  const compare = (path: string, before: unknown, after: unknown): void => {
    if (isRecord(before) && isRecord(after)) {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
        compare(path === "" ? key : `${path}.${key}`, before[key], after[key]);
    } else if (JSON.stringify(before) !== JSON.stringify(after))
      found.push(`${path}: ${JSON.stringify(before)} at the start, ${JSON.stringify(after)} now`);
  };
  compare("", start, now);
  return found;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
