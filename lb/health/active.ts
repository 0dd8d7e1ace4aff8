import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { PoolConfig } from "../config/schema.ts";
import type { Target, Transport } from "../transport/transport.ts";
import type { CheckResult } from "../upstream.ts";

export type HealthSettings = NonNullable<PoolConfig["health"]>;

export interface CheckerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Pick<Transport, "check">;
}

/** The first check comes within this part of an interval: soon, and yet not that of every upstream at once. */
const SPREAD = 0.25;

/**
 * Asks an upstream how it is every `intervalMs` from start to start, and reports each answer; what follows from it is
 * for others to say. A check that outlives its interval delays the next one, so two never overlap.
 */
export function startChecker(
  settings: HealthSettings,
  target: Target,
  { clock, random, transport }: CheckerDeps,
  report: (result: CheckResult) => void,
): Cancel {
  const expected = parseStatusRange(settings.status);
  let stopped = false;
  let stopWaiting: Cancel = clock.after(random.next() * SPREAD * settings.intervalMs, check);
  let stopCheck: Cancel = () => {};

  function check() {
    const started = clock.now();
    let over = false;
    const finish = (ok: boolean, detail: string) => {
      if (over || stopped) return;
      over = true;
      stopWaiting();
      const durationMs = clock.now() - started;
      stopWaiting = clock.after(Math.max(0, settings.intervalMs - durationMs), check);
      report({ ok, detail, durationMs });
    };
    stopWaiting = clock.after(settings.timeoutMs, () => {
      stopCheck();
      finish(false, `no answer within ${settings.timeoutMs} ms`);
    });
    stopCheck = transport.check(target, settings.path, (status, detail) =>
      finish(status !== undefined && status >= expected.from && status <= expected.to, detail),
    );
  }

  return () => {
    stopped = true;
    stopWaiting();
    stopCheck();
  };
}

/** Reads `200-399` or `204`. */
function parseStatusRange(range: string): { readonly from: number; readonly to: number } {
  const [from, to = from] = range.split("-").map(Number);
  return { from: from ?? 200, to: to ?? 399 };
}
