import type { Random } from "../../runtime/random.ts";
import type { ConfigInput, Stage } from "../../scenarios/scenario.ts";
import { SLOWER_DATABASE, webConfig } from "../../scenarios/shop.ts";

/** One push of a quiet day. */
export interface QuietPush {
  /** False for the one that is bad, and harms nobody at night. */
  readonly isGood: boolean;
  make(stage: Stage): Promise<unknown>;
}

export const PUSHES = 200;
/** So many of them change shares on purpose. */
const SHARES = 40;
const SERVERS = 5;
/** A twentieth longer: nobody feels it. */
const SLOWER = 1.05;

/** A day's pushes, in an order by chance; the configuration is handed from one to the next as teams do. */
export function quietPushes(random: Random, serviceMs: number): readonly QuietPush[] {
  const even: readonly number[] = Array.from({ length: SERVERS }, () => 1);
  let weights = even;
  let responseMs = 30_000;
  const config = (): ConfigInput => webConfig(weights, { timeouts: { connectMs: 2000, responseMs } });
  const pushed = (what: string, n: number, change: () => void): QuietPush => ({
    isGood: true,
    make(stage) {
      change();
      return stage.pushConfig({ by: "ops", summary: `OPS-${n} ${what}` }, config());
    },
  });
  const web = (): string => `web-${1 + random.below(SERVERS)}`;
  const kinds = Array.from({ length: PUSHES }, (_, n): QuietPush => {
    if (n < SHARES)
      return pushed("weights for a new machine", n, () => {
        const heavier = random.below(SERVERS);
        const weight = 2 + random.below(3);
        weights = even.map((_weight, i) => (i === heavier ? weight : 1));
      });
    if (n === SHARES)
      return {
        isGood: true,
        make: (stage) =>
          stage.tune({ by: "release-train", summary: "web 4.3.0: more checks" }, "web-1", {
            "capacity.serviceMs": String(Math.round(serviceMs * SLOWER)),
          }),
      };
    if (n === SHARES + 1)
      return {
        isGood: false,
        make: (stage) =>
          stage.pushConfig({ by: "ops", summary: "OPS-41 one server is enough at night" }, webConfig([1])),
      };
    if (n % 8 === 0)
      return {
        isGood: true,
        make: (stage) => stage.deploy({ by: "release-train", summary: `web 4.2.${n}` }, web(), `4.2.${n}`),
      };
    if (n % 40 === 1)
      return {
        isGood: true,
        make: (stage) => stage.tune({ by: "dba", summary: "statistics job" }, "database", SLOWER_DATABASE),
      };
    // With even weights again: a push that was refused is not carried along by every later one.
    return pushed("timeouts", n, () => {
      weights = even;
      responseMs = 20_000 + 1000 * random.below(40);
    });
  });
  return shuffled(kinds, random);
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.below(left.length), 1));
}
