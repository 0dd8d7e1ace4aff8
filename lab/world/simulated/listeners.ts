import type { Balancer } from "../../../lb/balancer.ts";
import { BindFailure } from "../../../lb/listener/bind-failure.ts";
import type { ListenerSet } from "../../../lb/listener/listener-set.ts";
import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { closeWhenIdle } from "./closing.ts";
import { createSimulatedExchange, type SimulatedExchange } from "./exchange.ts";
import type { NetworkEnd } from "./network.ts";
import { parseAddress } from "../../../lb/address.ts";

interface Place {
  /** May change with the configuration while its address stays. */
  name: string;
  readonly port: number;
  readonly unbind: Cancel;
}

/** The balancer's listeners on modelled ports. */
export function createSimulatedListeners({
  balancer,
  network,
  promises,
}: {
  readonly balancer: Pick<Balancer<SimulatedExchange>, "handle">;
  readonly network: NetworkEnd;
  readonly promises: Clock;
}): ListenerSet {
  let places = new Map<string, Place>();

  function open(name: string, bind: string, index: number): Place {
    const { port } = parseAddress(bind);
    try {
      const unbind = network.bind(port, (incoming) =>
        balancer.handle(place.name, createSimulatedExchange(incoming)),
      );
      const place: Place = { name, port, unbind };
      return place;
    } catch (error) {
      throw new BindFailure(bind, ["listeners", index, "bind"], error);
    }
  }

  return {
    async prepare({ listeners }) {
      const opened = new Map<string, Place>();
      const cancel = async () => opened.forEach(({ unbind }) => unbind());
      try {
        for (const [index, { name, bind }] of listeners.entries())
          if (!places.has(bind)) opened.set(bind, open(name, bind, index));
      } catch (error) {
        await cancel();
        throw error;
      }
      return {
        cancel,
        commit() {
          const old = places;
          places = new Map();
          for (const { name, bind } of listeners) {
            const place = opened.get(bind) ?? old.get(bind);
            if (!place) continue;
            place.name = name;
            places.set(bind, place);
          }
          for (const [bind, { unbind }] of old) if (!places.has(bind)) unbind();
        },
      };
    },
    ports: () => Object.fromEntries(Array.from(places.values(), ({ name, port }) => [name, port])),
    async close(deadlineMs) {
      for (const { unbind } of places.values()) unbind();
      places.clear();
      await closeWhenIdle(network, promises, deadlineMs);
    },
  };
}
