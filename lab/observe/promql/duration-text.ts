const UNITS = [
  // Years and weeks only where nothing is left: 90d is easier to read than 12w6d.
  ["y", 365 * 86_400_000, true],
  ["w", 7 * 86_400_000, true],
  ["d", 86_400_000, false],
  ["h", 3_600_000, false],
  ["m", 60_000, false],
  ["s", 1000, false],
  ["ms", 1, false],
] as const;

/** `1m30s`, as Prometheus writes durations. */
export function durationText(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, length, exact] of UNITS) {
    if (exact && rest % length !== 0) continue;
    const count = Math.floor(rest / length);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * length;
  }
  return parts.join("") || "0s";
}
