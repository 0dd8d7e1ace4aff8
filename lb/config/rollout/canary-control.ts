import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { Balancer } from "../../balancer.ts";
import type { AppliedVersion } from "../config-control.ts";
import type { ConfigStore } from "../store.ts";
import type { InTurn } from "../turns.ts";
import { createCanaryLife } from "./canary-life.ts";
import { createCanaryNews } from "./canary-news.ts";
import { canaryRuns } from "./canary-refusals.ts";
import { admitCanary, type CanaryWish } from "./canary-start.ts";
import type { CanaryControl } from "./canary.ts";
import type { PushGate } from "./push.ts";

export interface CanaryControlDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: ConfigStore;
  readonly balancer: Pick<
    Balancer,
    "config" | "version" | "pools" | "startCanary" | "promoteCanary" | "abortCanary"
  >;
  /** One change at a time, with those of ConfigControl. */
  readonly inTurn: InTurn;
  /** A configuration was asked for: it took effect, or the old one stayed. */
  readonly onResult: (result: "success" | "failure") => void;
  /** What every change has to pass; absent: nothing. */
  readonly gate?: PushGate | undefined;
}

export function createCanaryControl(deps: CanaryControlDeps): CanaryControl {
  const { log, inTurn } = deps;
  const news = createCanaryNews(log);
  const life = createCanaryLife(deps, news);

  async function start(wish: CanaryWish): Promise<AppliedVersion> {
    if (life.running !== undefined) throw canaryRuns(life.running);
    const admitted = await admitCanary(deps, wish);
    life.begin(admitted);
    return { ...admitted.version, findings: admitted.findings };
  }

  return {
    get status() {
      return life.status;
    },
    get running() {
      return life.running !== undefined;
    },
    start: (raw, note, options = {}, terms = {}) =>
      inTurn(() =>
        start({ raw, note, options, terms }).catch((error: unknown) => {
          deps.onResult("failure");
          log.error(`the canary was refused: ${messageOf(error)}`);
          throw error;
        }),
      ),
    promote: ({ author, reason }) =>
      inTurn(async () => life.promote({ why: "promoted", by: author, message: reason })),
    abort: ({ author, reason }) =>
      inTurn(async () => life.abort({ why: "aborted", by: author, message: reason })),
    onEvent: (run) => news.onEvent(run),
    stop: () => life.stop(),
  };
}
