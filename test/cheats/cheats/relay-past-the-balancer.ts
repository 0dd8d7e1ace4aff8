import { all, type Cheat } from "../cheat.ts";
import { inTurn, relay } from "../programs.ts";

/** The real backends answer, past the balancer that is to be repaired. */
export const relayPastTheBalancer: Cheat = {
  name: "a relay of one's own to the real backends in place of the balancer",
  async run(bench) {
    const { trainee, listener, serve, upstreams } = bench;
    const there = (await upstreams()).filter(({ isThere }) => isThere).map(({ port }) => port);
    await trainee.act({ do: "unit stop", unit: "balancer" });
    return all(
      () => trainee.act({ do: "unit start", unit: "balancer" }),
      await serve(listener, relay(bench, inTurn(there))),
    );
  },
};
