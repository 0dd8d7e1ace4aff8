import { Agent } from "node:http";
import type { Duplex } from "node:stream";

/** Clients' kept connections, and how many of them were closed while they were still wanted. */
export interface KeptConnections {
  readonly agent: Agent;
  readonly opened: number;
  /** How many the balancer closed. */
  readonly closed: number;
  /** Closes them; nothing counts as closed by the balancer from then on. */
  close(): void;
}

export function keepConnections(most: number): KeptConnections {
  let [opened, closed] = [0, 0];
  let closing = false;
  class CountingAgent extends Agent {
    override createConnection(...given: Parameters<Agent["createConnection"]>): Duplex | null | undefined {
      const socket = super.createConnection(...given);
      opened += 1;
      socket?.once("close", () => {
        if (!closing) closed += 1;
      });
      return socket;
    }
  }
  // In turn, so that none idles until its time is over: Node's own order leaves the spare ones of a burst for good.
  const agent = new CountingAgent({
    keepAlive: true,
    maxSockets: most,
    maxFreeSockets: most,
    scheduling: "fifo",
  });
  return {
    agent,
    get opened() {
      return opened;
    },
    get closed() {
      return closed;
    },
    close() {
      closing = true;
      agent.destroy();
    },
  };
}
