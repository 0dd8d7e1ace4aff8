import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { CanaryArms } from "./canary-arms.ts";
import type { CanaryEnd, CanaryJudgement, CanaryOptions, CanaryStatus } from "./canary.ts";
import { judgeWindow } from "./canary-verdict.ts";
import { MAX_CANARY_SHARE } from "./options.ts";
import type { ServedWell } from "./served-well.ts";

export interface CanaryRunDeps {
  readonly clock: Clock;
  readonly arms: CanaryArms;
  readonly servedWell: ServedWell;
  readonly judged: (judgement: CanaryJudgement) => void;
  readonly stepped: () => void;
  readonly baking: () => void;
  /** It has baked and was no worse: called with each verdict until it has ended. */
  readonly baked: () => void;
  /** It is to be aborted. */
  readonly failed: (why: CanaryEnd, message: string) => void;
}

/** What of a canary's status its run knows. */
export type RunState = Pick<CanaryStatus, "phase" | "share" | "bakedAt" | "inconclusive" | "judgements">;

/** One canary from its first share to the end of its bake, by its windows' verdicts. */
export interface CanaryRun {
  readonly state: RunState;
  stop(): void;
}

/** So many verdicts are kept. */
const KEPT_JUDGEMENTS = 60;

/**
 * Each window ends in a verdict: *better* takes a step up to half of the users, where it bakes; *worse* ends it at once;
 * *inconclusive* keeps its share, and ends it when there are more in a row than the limit.
 */
export function startCanaryRun(options: CanaryOptions, deps: CanaryRunDeps): CanaryRun {
  const { clock, arms, servedWell } = deps;
  const { everyMs, bakeMs, step, inconclusiveLimit } = options;
  let judgements: readonly CanaryJudgement[] = [];
  let inconclusive = 0;
  let bakedAt: number | undefined;
  let began = clock.now();
  let stopped = false;
  let cancel: Cancel = clock.after(everyMs, turn);
  if (arms.share >= MAX_CANARY_SHARE) bake();

  function bake() {
    bakedAt = clock.wall() + bakeMs;
  }

  function turn() {
    servedWell.look();
    const now = clock.now();
    const judgement: CanaryJudgement = {
      at: clock.wall(),
      share: arms.share,
      ...judgeWindow({ arms: arms.take(), windowMs: now - began, servedWell: (at) => servedWell.rate(at) }),
    };
    began = now;
    judgements = [...judgements, judgement].slice(-KEPT_JUDGEMENTS);
    inconclusive = judgement.verdict === "inconclusive" ? inconclusive + 1 : 0;
    deps.judged(judgement);
    decide(judgement);
    if (!stopped) cancel = clock.after(everyMs, turn);
  }

  function decide({ verdict, reasons }: CanaryJudgement) {
    const because = reasons.map(({ message }) => message).join("; ");
    if (verdict === "worse") return deps.failed("worse", because);
    if (verdict === "inconclusive") {
      if (inconclusive > inconclusiveLimit)
        deps.failed("inconclusive", `${inconclusive} verdicts in a row were inconclusive: ${because}`);
      return;
    }
    if (bakedAt !== undefined) {
      if (clock.wall() >= bakedAt) deps.baked();
      return;
    }
    arms.share = Math.min(MAX_CANARY_SHARE, roundShare(arms.share + step));
    deps.stepped();
    if (arms.share < MAX_CANARY_SHARE) return;
    bake();
    deps.baking();
  }

  return {
    get state(): RunState {
      return {
        phase: bakedAt === undefined ? "growing" : "baking",
        share: arms.share,
        ...(bakedAt !== undefined && { bakedAt }),
        inconclusive,
        judgements,
      };
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

/** Three steps of a tenth are three tenths. */
const roundShare = (share: number): number => Math.round(share * 1e6) / 1e6;
