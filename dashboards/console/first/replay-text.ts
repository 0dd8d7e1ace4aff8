import type { Recorded } from "../world/protocol.ts";

/** What the replay of a drill came to. */
export function outcomeText({ digest, equal, release, here }: Recorded): string {
  if (digest === undefined)
    return release === here
      ? "Only what was done then is done: look around, nothing can be changed."
      : `It was recorded with release ${release}, this is ${here}: it may go another way here.`;
  const short = digest.slice(0, 12);
  if (equal === undefined || equal === null)
    return `Digest ${short}: it was recorded with release ${release}, this is ${here}, and digests of two releases need not be equal.`;
  return equal
    ? `Equal: it is the same drill to the last bit (digest ${short}).`
    : `Not equal: it came to another digest (${short}). The link was changed, or there is a bug.`;
}
