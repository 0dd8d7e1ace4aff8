import { parseAddress } from "../address.ts";
import type { ListenerConfig } from "../config/schema.ts";
import { UnmetNeed } from "../config/unmet-need.ts";
import { BindFailure } from "./bind-failure.ts";

/** A bound address. Its name may change with the configuration while its connections go on. */
export interface ServedAddress {
  name: string;
  readonly port: number;
}

/** How addresses are bound and given back, for one configuration. */
export interface AddressEdges<A extends ServedAddress> {
  /** Why a served address cannot become what is wanted of it while it serves. Absent: it always can. */
  conflict?(served: A, wanted: ListenerConfig): string | undefined;
  /** Binds; throws the system's error. */
  open(wanted: ListenerConfig, index: number): A | Promise<A>;
  /** Has the address served as is wanted from now on, be it new or served before. */
  update?(address: A, wanted: ListenerConfig, index: number): void;
  /** Gives back an address that was never in use. */
  discard(address: A): Promise<void>;
  /** Ends an address that is no longer wanted. */
  retire(address: A): void;
}

/** Addresses that are bound and not in use yet. Exactly one of the two is to be called. */
export interface PreparedAddresses {
  /** From now on these are the addresses; those that are no longer wanted retire. */
  commit(): void;
  /** Gives the new ones back. */
  cancel(): Promise<void>;
}

/** Which addresses are served, and which stay, come and go with another configuration: the same for sockets and for a model. */
export interface ServedAddresses<A extends ServedAddress> {
  /** Binds, in their order, what is wanted beyond what is served. Throws UnmetNeed, and then has bound nothing. */
  prepare(wanted: readonly ListenerConfig[], edges: AddressEdges<A>): Promise<PreparedAddresses>;
  all(): readonly A[];
  /** Ports in use, by listener name. */
  ports(): Readonly<Record<string, number>>;
  /** Forgets all, and returns them to be closed. */
  take(): readonly A[];
}

export function createServedAddresses<A extends ServedAddress>(): ServedAddresses<A> {
  let served = new Map<string, A>();

  function assertNoConflict(wanted: readonly ListenerConfig[], { conflict }: AddressEdges<A>): void {
    for (const [index, one] of wanted.entries()) {
      const address = served.get(keyOf(one));
      const reason = address && conflict?.(address, one);
      if (reason !== undefined) throw new UnmetNeed("CONFIG_INVALID", pathOf(index), reason);
    }
  }

  async function bindNew(
    wanted: readonly ListenerConfig[],
    edges: AddressEdges<A>,
    opened: Map<string, A>,
  ): Promise<void> {
    for (const [index, one] of wanted.entries()) {
      const key = keyOf(one);
      if (served.has(key)) continue;
      try {
        opened.set(key, await edges.open(one, index));
      } catch (error) {
        throw new BindFailure(one.bind, pathOf(index), error);
      }
    }
  }

  function use(
    wanted: readonly ListenerConfig[],
    edges: AddressEdges<A>,
    opened: ReadonlyMap<string, A>,
  ): void {
    const before = served;
    served = new Map();
    for (const [index, one] of wanted.entries()) {
      const key = keyOf(one);
      const address = opened.get(key) ?? before.get(key);
      if (address === undefined) continue;
      address.name = one.name;
      edges.update?.(address, one, index);
      served.set(key, address);
    }
    for (const [key, address] of before) if (!served.has(key)) edges.retire(address);
  }

  return {
    async prepare(wanted, edges) {
      assertNoConflict(wanted, edges);
      const opened = new Map<string, A>();
      const cancel = async (): Promise<void> => {
        await Promise.all(Array.from(opened.values(), (address) => edges.discard(address)));
      };
      try {
        await bindNew(wanted, edges, opened);
      } catch (error) {
        await cancel();
        throw error;
      }
      return { commit: () => use(wanted, edges, opened), cancel };
    },
    all: () => [...served.values()],
    ports: () => Object.fromEntries(Array.from(served.values(), ({ name, port }) => [name, port])),
    take() {
      const all = [...served.values()];
      served = new Map();
      return all;
    },
  };
}

const pathOf = (index: number) => ["listeners", index, "bind"] as const;

/** An address stays bound under another name. Port 0 is a port of its own for each name. */
function keyOf({ name, bind }: Pick<ListenerConfig, "name" | "bind">): string {
  return parseAddress(bind).port === 0 ? `${bind} ${name}` : bind;
}
