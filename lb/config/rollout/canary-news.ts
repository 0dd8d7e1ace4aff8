import type { Cancel } from "../../../runtime/clock.ts";
import type { Log } from "../../../runtime/log.ts";
import type { CanaryEnd, CanaryEvent, CanaryJudgement, CanaryStatus } from "./canary.ts";

/** What becomes of a canary, as lines of the log and as events. */
export interface CanaryNews {
  onEvent(run: (event: CanaryEvent) => void): Cancel;
  started(status: CanaryStatus): void;
  step(status: CanaryStatus): void;
  baking(status: CanaryStatus): void;
  verdict(status: CanaryStatus, judgement: CanaryJudgement): void;
  ended(
    status: CanaryStatus,
    end: { readonly why: CanaryEnd; readonly by: string; readonly message: string },
  ): void;
}

export function createCanaryNews(log: Log): CanaryNews {
  const listeners = new Set<(event: CanaryEvent) => void>();
  function emit(event: CanaryEvent): void {
    for (const run of listeners) run(event);
  }

  return {
    onEvent(run) {
      listeners.add(run);
      return () => void listeners.delete(run);
    },
    started(status) {
      const { version, share } = status;
      log.info({ version, share }, `version ${version} is a canary: ${percent(share)} of the users meet it`);
      emit({ event: "started", status });
    },
    step(status) {
      const { version, share } = status;
      log.info({ version, share }, `the canary of version ${version} serves ${percent(share)} of the users`);
      emit({ event: "step", status });
    },
    baking(status) {
      const { version, share } = status;
      log.info({ version, share }, `the canary of version ${version} bakes`);
      emit({ event: "baking", status });
    },
    verdict(status, judgement) {
      const { verdict, share, reasons } = judgement;
      log.info({ version: status.version, verdict, share, reasons }, `the canary is ${verdict}`);
      emit({ event: "verdict", status, judgement });
    },
    ended(status, { why, by, message }) {
      const { version, phase } = status;
      log[phase === "promoted" ? "info" : "warn"](
        { version, why, by },
        `the canary of version ${version} was ${phase}: ${message}`,
      );
      emit({ event: "ended", status });
    },
  };
}

const percent = (share: number): string => `${Math.round(1000 * share) / 10} %`;
