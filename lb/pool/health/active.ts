import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { Random } from "../../../runtime/random.ts";
import type { PoolConfig } from "../../config/schema.ts";
import type { PendingCheck, CheckOutcome, Transport } from "../../transport/transport.ts";
import type { Target } from "../../address.ts";
import type { CheckResult } from "../../outcome.ts";

export type HealthSettings = NonNullable<PoolConfig["health"]>;

export interface CheckerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Pick<Transport, "check">;
}

/** The first check comes within this part of an interval: soon, and yet not that of every upstream at once. */
const SPREAD = 0.25;

/**
 * Sends an upstream a health check every `intervalMs` from start to start, and reports each result; the caller decides what
 * follows from it. A check that outlives its interval delays the next one, so two never overlap. One that could not be
 * sent, since this machine is short of something, is no result: `unsent` gets the reason.
 */
export function startChecker(
  settings: HealthSettings,
  target: Target,
  { clock, random, transport }: CheckerDeps,
  report: (result: CheckResult) => void,
  unsent: (detail: string) => void = () => {},
): Cancel {
  const expected = parseStatusRange(settings.status);
  let stopped = false;
  let stopWaiting: Cancel = clock.after(random.next() * SPREAD * settings.intervalMs, check);
  let underWay: PendingCheck | undefined;

  function check() {
    const started = clock.now();
    let over = false;
    const finish = (found: Omit<CheckResult, "durationMs"> | { readonly unsent: string }) => {
      if (over || stopped) return;
      over = true;
      stopWaiting();
      const durationMs = clock.now() - started;
      stopWaiting = clock.after(Math.max(0, settings.intervalMs - durationMs), check);
      if ("unsent" in found) unsent(found.unsent);
      else report({ ...found, durationMs });
    };
    stopWaiting = clock.after(settings.timeoutMs, () => {
      const status = underWay?.connected === true ? "L7TOUT" : "L4TOUT";
      underWay?.cancel();
      finish({ ok: false, status, detail: `no answer within ${settings.timeoutMs} ms` });
    });
    underWay = transport.check(target, settings, (outcome) =>
      finish(outcome.kind === "exhausted" ? { unsent: outcome.detail } : resultOf(outcome, expected)),
    );
  }

  return () => {
    stopped = true;
    stopWaiting();
    underWay?.cancel();
  };
}

function resultOf(
  outcome: CheckOutcome,
  expected: { readonly from: number; readonly to: number },
): Omit<CheckResult, "durationMs"> {
  const { kind, detail } = outcome;
  switch (kind) {
    case "answered": {
      const ok = outcome.status >= expected.from && outcome.status <= expected.to;
      return { ok, status: ok ? "L7OK" : "L7STS", code: outcome.status, detail };
    }
    case "reset":
      return { ok: false, status: "SOCKERR", detail };
    case "invalid":
      return { ok: false, status: "L7RSP", detail };
    case "refused":
    case "unreachable":
    case "exhausted":
      return { ok: false, status: "L4CON", detail };
  }
}

/** Reads `200-399` or `204`. */
function parseStatusRange(range: string): { readonly from: number; readonly to: number } {
  const [from, to = from] = range.split("-").map(Number);
  return { from: from ?? 200, to: to ?? 399 };
}
