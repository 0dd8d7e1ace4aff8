import { systemClock } from "../runtime/clock.ts";

/**
 * Milliseconds of work that `run` took: of its own time and the processor's whichever is less. On a quiet machine that is
 * the time it takes; on a busy one the rest is others' work, and what the collector's threads do beside it is none of its.
 */
export function spentMs<T>(run: () => T): { readonly ms: number; readonly result: T } {
  const [begun, before] = [systemClock.now(), process.cpuUsage()];
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { ms: Math.min(systemClock.now() - begun, (user + system) / 1000), result };
}
