import { sleep } from "../../runtime/clock.ts";
import type { CanaryStatus } from "../../lb/config/rollout/canary.ts";
import type { ProposedChange } from "../world/change-gate.ts";
import { defineMeasure } from "./kind.ts";
import type { MeasureActions } from "./measure.ts";
import { minutes, number, share, words } from "./parameters.ts";
import { ALLOW } from "./rulings.ts";

export const canary = defineMeasure({
  name: "canary",
  does: "tries every configuration on a part of the users beside the old one, in steps; their arm is held against a baseline arm, which promotes it, or ends it",
  askedFor: [],
  hooks: "before a configuration is put in force for all",
  trap: "with too few requests there is no verdict, and what is no configuration passes it by",
  parameters: {
    start: share("10%", "part of the users that it begins with", "AppConfig's linear growth of 10 %"),
    step: share("10%", "what each step adds, up to half", "AppConfig"),
    every: minutes("1", "from one verdict to the next", "Flagger's interval of 60 s"),
    bake: minutes("10", "how long half of the users meet it before all do", "AppConfig's bake of 10 minutes"),
    user: words("cookie:user", "what says whose a request is", "the shop's cookie"),
    inconclusive: number("10", "inconclusive verdicts in a row that it may have", "ours"),
  },
  create: (options, { minuteMs }) => ({
    measure: {
      name: "canary",
      begin(actions) {
        const { clock, signal } = actions;
        let last: Promise<unknown> = Promise.resolve();
        let made = (_change: ProposedChange): void => {};
        /** One canary at a time: the next one waits until an approved configuration is in force for all, or a minute long. */
        const inTurn = (change: ProposedChange): Promise<Answer> =>
          new Promise((resolve, reject) => {
            last = last
              .then(async () => {
                const answer = await tried(change, terms, (options.every * minuteMs) / 4, actions);
                const inForce = new Promise<void>((done) => {
                  made = (one) => one.config?.after === change.config?.after && done();
                });
                resolve(answer);
                if (answer.approved) await Promise.race([inForce, sleep(clock, minuteMs, signal)]);
              })
              .catch(reject);
          });
        const seconds = (count: number): string => `${Math.max(100, Math.round(count * minuteMs))}ms`;
        const terms = {
          share: `${options.start * 100}%`,
          step: `${options.step * 100}%`,
          every: seconds(options.every),
          bake: options.bake === 0 ? "0" : seconds(options.bake),
          user: options.user,
          inconclusive: String(options.inconclusive),
        };
        return {
          before(change) {
            // Who is on call repairs, and does not wait for a canary.
            if (change.isAct || !change.config) return ALLOW;
            return { ruling: "ask", message: "it is tried on a part of the users", answer: inTurn(change) };
          },
          after: (change) => made(change),
        };
      },
    },
  }),
});

interface Answer {
  readonly approved: boolean;
  readonly message: string;
}

type Terms = Readonly<Record<"share" | "step" | "every" | "bake" | "user" | "inconclusive", string>>;

/** Tries a configuration as a canary until that is promoted or aborted. What cannot be one is let through, and that is said. */
async function tried(
  { config, summary }: ProposedChange,
  terms: Terms,
  lookEveryMs: number,
  { act, sight, clock, signal }: MeasureActions,
): Promise<Answer> {
  const yaml = config?.after ?? "";
  const started = await act({ do: "config apply", yaml, reason: summary, canary: terms });
  if (!started.ok) return { approved: true, message: `it cannot be a canary: ${started.message}` };
  for (;;) {
    await sleep(clock, lookEveryMs, signal);
    const status = await sight.canary?.();
    // Without an answer it is not promoted silently.
    if (!status) return { approved: false, message: "the balancer does not say what became of its canary" };
    if (status.ended) return answerOf(status, status.ended.message);
  }
}

const answerOf = ({ phase, judgements }: CanaryStatus, message: string): Answer => {
  const at = judgements.at(-1)?.share ?? 0;
  return {
    approved: phase === "promoted",
    message: `at ${Math.round(at * 100)} % of the users: ${message}`,
  };
};
