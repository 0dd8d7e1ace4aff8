import { readFileSync } from "node:fs";

/** How many files and sockets this process may have open; undefined where the system does not report it. */
export function descriptorLimit(): number | undefined {
  try {
    const [, soft] =
      /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? undefined : Number(soft === "unlimited" ? Infinity : soft);
  } catch {
    return undefined;
  }
}
