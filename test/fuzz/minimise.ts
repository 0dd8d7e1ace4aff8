/**
 * The shortest text found, by leaving out pieces, for which `fails` still holds. Calls it at most `attempts` times, one after
 * the other.
 */
export async function minimise(
  text: string,
  fails: (text: string) => Promise<boolean>,
  attempts: number,
): Promise<string> {
  let best = text;
  let left = attempts;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && left > 0;) {
      const shorter = best.slice(0, at) + best.slice(at + size);
      left -= 1;
      if (await fails(shorter)) best = shorter;
      else at += size;
    }
  }
  return best;
}
