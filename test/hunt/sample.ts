import type { Balancer } from "../../lb/balancer.ts";
import { hasRoom, isPanic, availableOf, type Facts, type PoolFacts } from "./facts.ts";
import type { Findings } from "./findings.ts";

/** Compares what the balancer shows with what was seen from outside, between two events. */
export function sampleViews(
  balancer: Pick<Balancer, "pools" | "inFlight">,
  facts: Facts,
  openRequests: number,
  { broken }: Findings,
): void {
  if (balancer.inFlight !== openRequests)
    broken("true views", `${balancer.inFlight} in flight are shown, and ${openRequests} are`);
  const views = balancer.pools();
  if (views.map(({ name }) => name).join() !== [...facts.pools.keys()].join())
    broken("true views", `the pools ${views.map(({ name }) => name).join(", ")} are shown`);
  for (const view of views) {
    const pool = facts.pools.get(view.name);
    if (!pool) continue;
    const differs = (what: string, shown: unknown, is: unknown): void => {
      if (shown !== is)
        broken("true views", `${view.name}: ${what} is shown as ${String(shown)} and is ${String(is)}`);
    };
    differs("the length of its queue", view.queueLength, pool.waiting.size);
    const available = availableOf(pool);
    differs("panic", view.panic, isPanic(pool) && available.length > 0);
    differs(
      "its upstreams",
      view.upstreams.map(({ name }) => name).join(),
      [...pool.upstreams.keys()].join(),
    );
    for (const shown of view.upstreams) {
      const is = pool.upstreams.get(shown.name);
      if (!is) continue;
      differs(`in flight at ${is.name}`, shown.inFlight, is.places);
      differs(`the weight of ${is.name}`, shown.weight, is.weight);
      differs(`the limit of ${is.name}`, shown.maxConnections, is.maxConnections);
      differs(`the state of ${is.name}`, shown.state, is.reported);
      differs(`${is.name} as people set it`, adminShown(shown.state), is.admin);
      if (
        shown.effectiveWeight > shown.weight ||
        (shown.state === "UP" && shown.weight > 0 && shown.effectiveWeight <= 0)
      )
        broken(
          "true views",
          `${view.name}: ${is.name} of weight ${shown.weight} counts ${shown.effectiveWeight}`,
        );
    }
    checkWaiting(pool, { broken });
  }
}

/** A request waits only for an upstream that is full, and one that may go anywhere only while all are. */
function checkWaiting(pool: PoolFacts, { broken }: Pick<Findings, "broken">): void {
  if (pool.waiting.size === 0) return;
  const available = availableOf(pool);
  const free = available.filter(hasRoom);
  if (available.length === free.length)
    broken("no needless waiting", `${pool.waiting.size} wait in ${pool.name}, and no upstream is full`);
  else if (!pool.everBound && free[0])
    broken("no needless waiting", `${pool.waiting.size} wait in ${pool.name}, and ${free[0].name} has room`);
}

function adminShown(state: string): string {
  return state === "DRAIN" ? "drain" : state === "MAINT" ? "maintenance" : "ready";
}
