import { parseAddress } from "../../../lb/address.ts";
import type { Balancer } from "../../../lb/balancer.ts";
import type { ListenerSet } from "../../../lb/listener/listener-set.ts";
import { createServedAddresses, type ServedAddress } from "../../../lb/listener/served-addresses.ts";
import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { closeWhenIdle } from "./closing.ts";
import { createSimulatedExchange, type SimulatedExchange } from "./exchange.ts";
import type { NetworkEnd } from "./network.ts";

interface ModelledAddress extends ServedAddress {
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
  const addresses = createServedAddresses<ModelledAddress>();
  const unbind = (address: ModelledAddress): void => address.unbind();

  function open({ name, bind }: { readonly name: string; readonly bind: string }): ModelledAddress {
    const { port } = parseAddress(bind);
    const address: ModelledAddress = {
      name,
      port,
      unbind: network.bind(port, (incoming) =>
        balancer.handle(address.name, createSimulatedExchange(incoming)),
      ),
    };
    return address;
  }

  return {
    prepare: ({ listeners }) =>
      addresses.prepare(listeners, { open, discard: async (address) => unbind(address), retire: unbind }),
    ports: addresses.ports,
    async close(deadlineMs) {
      addresses.take().forEach(unbind);
      await closeWhenIdle(network, promises, deadlineMs);
    },
  };
}
