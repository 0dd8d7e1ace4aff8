import type { ProcessExit } from "./launch.ts";

/** When a unit whose process ended by itself is started again, as systemd's Restart= and StartLimit*=. */
export interface RestartPolicy {
  readonly when: "always" | "on-failure" | "never";
  /** From the exit to the next start. */
  readonly delayMs: number;
  /** At most `burst` starts in any `intervalMs`; one more makes the unit fail. */
  readonly startLimit: { readonly burst: number; readonly intervalMs: number };
}

// A process without a handler is killed by the signal that asks it to end: that is no failure (systemd.service(5)).
const CLEAN_SIGNALS: ReadonlySet<string | undefined> = new Set(["SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"]);

export function isClean(exit: ProcessExit): boolean {
  return exit.code === 0 || CLEAN_SIGNALS.has(exit.signal);
}

export function shouldRestart(policy: RestartPolicy, failed: boolean): boolean {
  return policy.when === "always" || (policy.when === "on-failure" && failed);
}

/** An exit as text for people. */
export function describeExit(exit: ProcessExit): string {
  if (exit.signal !== undefined) return `killed by ${exit.signal}`;
  if (exit.code !== undefined) return `exited with status ${exit.code}`;
  return `could not be launched: ${exit.error ?? "unknown reason"}`;
}
