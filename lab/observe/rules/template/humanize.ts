import { significant } from "./go-format.ts";

/** Prometheus' functions that make numbers readable. Each takes a plain number. */

const LARGE = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

/** The number scaled down (or up) by `step` until it is below (above) it, and the prefix of that scale. */
function scaled(value: number, prefixes: readonly string[], step: number): readonly [number, string] {
  let left = value;
  let prefix = "";
  for (const next of prefixes) {
    if (step > 1 ? Math.abs(left) < step : Math.abs(left) >= 1) break;
    prefix = next;
    left /= step;
  }
  return [left, prefix];
}

const written = ([value, prefix]: readonly [number, string]): string => significant(value, 4) + prefix;

export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return significant(value, 4);
  return written(Math.abs(value) >= 1 ? scaled(value, LARGE, 1000) : scaled(value, SMALL, 0.001));
}

export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return significant(value, 4);
  return written(scaled(value, BINARY, 1024));
}

/** Of seconds. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return significant(seconds, 4);
  if (seconds === 0) return "0s";
  if (Math.abs(seconds) < 1) return `${written(scaled(seconds, SMALL, 0.001))}s`;
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  const whole = Math.floor(size);
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${whole % 60}s`;
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${whole % 60}s`;
  if (minutes > 0) return `${sign}${minutes}m ${whole % 60}s`;
  return `${sign}${significant(size, 4)}s`;
}

/** Of a ratio 0..1. */
export const humanizePercentage = (ratio: number): string => `${significant(ratio * 100, 4)}%`;

/** Nanoseconds since the epoch that Go can count to, in seconds. */
const LAST_SECOND = 9_223_372_036;

/** Of seconds since the epoch; undefined when it is out of Go's range. */
export function humanizeTimestamp(seconds: number): string | undefined {
  if (!Number.isFinite(seconds)) return significant(seconds, 4);
  if (Math.abs(seconds) > LAST_SECOND) return undefined;
  const milliseconds = Math.trunc(Math.trunc(seconds * 1e9) / 1e6);
  const [date = "", time = ""] = new Date(milliseconds).toISOString().split("T");
  return `${date} ${time.replace(/\.?0*Z$/, "")} +0000 UTC`;
}
