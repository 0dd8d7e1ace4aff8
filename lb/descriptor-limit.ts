import { readFileSync } from "node:fs";

/** What is needed beside clients and their upstreams: standard streams, listeners, logs, the admin interface, health checks. */
const RESERVED = 64;

/** How many files and sockets this process may have open; undefined where the system does not say. */
export function descriptorLimit(): number | undefined {
  try {
    const [, soft] =
      /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? undefined : Number(soft === "unlimited" ? Infinity : soft);
  } catch {
    return undefined;
  }
}

/** How many client connections so many descriptors are enough for: each may need another one to an upstream. */
export function connectionsFor(descriptors: number | undefined): number {
  if (descriptors === undefined || descriptors === Infinity) return MANY;
  return Math.max(1, Math.floor((descriptors - RESERVED) / 2));
}

/** More than any listener has had: what stands for no limit. */
const MANY = 1_000_000;
