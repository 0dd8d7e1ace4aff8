import type { Readable } from "node:stream";
import type { Clock } from "./clock.ts";

/** How often the supervisor writes to a container's standard input at least. */
export const LEASE_EVERY_MS = 10_000;
/** A process in a container exits after so long without a byte: its supervisor is gone. */
export const LEASE_MS = 60_000;

export interface SupervisorInputDeps {
  readonly clock: Clock;
  /** Called once when standard input has ended, or nothing came for LEASE_MS. */
  readonly onLost: () => void;
}

/**
 * The supervisor's channel to a process in a container, which has no IPC: its standard input. The first line is private
 * to this start of this process, and is in no file, environment or argument; it may be empty. Every further byte renews
 * the lease. Resolves with the first line, without its end.
 */
export function readSupervisorInput(
  input: Readable,
  { clock, onLost }: SupervisorInputDeps,
): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    let first = true;
    let lost = false;
    let cancel = clock.after(LEASE_MS, lose);

    function lose(): void {
      if (lost) return;
      lost = true;
      cancel();
      onLost();
    }

    input.setEncoding("utf8");
    input.on("data", (chunk: string) => {
      if (lost) return;
      cancel();
      cancel = clock.after(LEASE_MS, lose);
      if (!first) return;
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0) return;
      first = false;
      resolve(text.slice(0, end));
    });
    input.once("end", lose);
    input.once("error", lose);
  });
}
