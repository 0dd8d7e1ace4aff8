import { all, type Cheat } from "../cheat.ts";
import { inTurn, relay } from "../programs.ts";

/** Requests to dead upstreams are relayed to running backends. */
export const relayInPlaceOfUpstreams: Cheat = {
  name: "relays to real backends on the ports of dead upstreams",
  async run(bench) {
    const places = await bench.upstreams();
    const next = inTurn(places.filter(({ isThere }) => isThere).map(({ port }) => port));
    const dead = places.filter(({ isThere }) => !isThere);
    return all(...(await Promise.all(dead.map(({ port }) => bench.serve(port, relay(bench, next))))));
  },
};
