import { createTwoFilesPatch } from "diff";

/** Longer ones are of no use to a reader, and computing them takes long. */
const MOST_EDITS = 500;
const MOST_CHARACTERS = 20_000;
const MOST_TEXT = 500_000;

/** Unified and without a head, two lines around each change; undefined when it would be too long to read. */
export function configDiff(before: string, after: string): string | undefined {
  if (before.length + after.length > MOST_TEXT) return undefined;
  const patch = createTwoFilesPatch("before", "after", before, after, undefined, undefined, {
    context: 2,
    maxEditLength: MOST_EDITS,
  });
  const hunks = patch?.slice(patch.indexOf("@@")).trimEnd();
  return hunks !== undefined && hunks.length <= MOST_CHARACTERS ? hunks : undefined;
}
