import { systemClock } from "../runtime/clock.ts";

/**
 * Milliseconds of work that `run` took: its wall time or its processor time, whichever is less. On a quiet machine that is
 * the time it takes; on a busy one wall time has other processes' work, and processor time the collector threads'.
 */
export function spentMs<T>(run: () => T): { readonly ms: number; readonly result: T } {
  const [begun, before] = [systemClock.now(), process.cpuUsage()];
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { ms: Math.min(systemClock.now() - begun, (user + system) / 1000), result };
}
