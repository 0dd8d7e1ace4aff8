import type { Balancer, RequestRecord, CountsOfListeners } from "../balancer.ts";
import type { BalancerConfig, ListenerConfig } from "../config/schema.ts";
import type { CertificateFact } from "../config/lint/rule.ts";
import type { TlsOptions } from "../config/tls-options.ts";
import { createConnectionPlaces, type ConnectionBudget, type ConnectionPlaces } from "./connection-places.ts";
import { createListener, type Listener, type ListenerDeps } from "./listener.ts";
import { createServedAddresses, type PreparedAddresses, type ServedAddress } from "./served-addresses.ts";
import type { LiveExchange } from "./exchange/live-exchange.ts";
import type { Path } from "../../runtime/yaml/fault.ts";
import type { TlsIdentity } from "./tls/tls-identity.ts";
import { parseAddress } from "../address.ts";

/** New listeners that are bound and not in use yet. */
export interface PreparedListeners extends PreparedAddresses {
  /** Those that the listeners would serve; absent: no TLS. */
  readonly certificates?: readonly CertificateFact[];
}

/** The addresses that clients connect to, as the configuration in force has them. */
export interface ListenerSet {
  /** Binds what a configuration needs beyond what is bound, and reads certificates. Throws UnmetNeed, and then has bound nothing. */
  prepare(config: BalancerConfig): Promise<PreparedListeners>;
  /** Ports in use, by listener name. */
  ports(): Readonly<Record<string, number>>;
  /** Epoch milliseconds at which the first certificate expires, by the name of each listener with TLS. */
  certificateExpiry?(): ReadonlyMap<string, number>;
  /** What is counted of each listener's connections, by its name. Absent: there are none. */
  counts?(): CountsOfListeners;
  /** Stops accepting; resolves when everything in flight has ended, or after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

export interface ListenerSetDeps extends Omit<ListenerDeps, "timeouts" | "upgrades" | "tls" | "places"> {
  /** The most connections that all listeners may have together. */
  readonly maxConnections: number;
  readonly balancer: Pick<Balancer<LiveExchange>, "handle">;
  /** Reads the files of the `tls` setting at `path`. Throws UnmetNeed. */
  readonly readTls: (tls: TlsOptions, path: Path) => TlsIdentity;
}

interface BoundAddress extends ServedAddress {
  readonly listener: Listener;
  readonly places: ConnectionPlaces;
  tls: TlsIdentity | undefined;
}

/** How long connections of an address that is no longer wanted may take to end. */
const RETIRE_MS = 30_000;

export function createListenerSet(deps: ListenerSetDeps): ListenerSet {
  const addresses = createServedAddresses<BoundAddress>();
  const retiring = new Map<Listener, Promise<void>>();
  const budget: ConnectionBudget = { limit: deps.maxConnections, open: 0 };

  async function open(
    { name, bind, upgrades }: ListenerConfig,
    timeouts: BalancerConfig["timeouts"],
    tls: TlsIdentity | undefined,
  ): Promise<BoundAddress> {
    // A name of its own for the closures below: the set's entry knows what the address is called now.
    const known: { address?: BoundAddress } = {};
    const nameNow = () => known.address?.name ?? name;
    const places = createConnectionPlaces(name, budget, deps);
    const listener = createListener(
      name,
      parseAddress(bind),
      { handle: (_name, exchange) => deps.balancer.handle(nameNow(), exchange) },
      {
        ...deps,
        timeouts,
        upgrades,
        tls,
        places,
        onRejected: (record: RequestRecord) => deps.onRejected({ ...record, listener: nameNow() }),
      },
    );
    known.address = { name, listener, places, tls, port: (await listener.listen()).port };
    return known.address;
  }

  /** Asked again, the earlier deadline counts. */
  function retire(listener: Listener, deadlineMs: number): void {
    const closing = listener.close(deadlineMs).finally(() => retiring.delete(listener));
    retiring.set(listener, closing);
  }

  return {
    async prepare({ listeners, timeouts }) {
      const identities = listeners.map(
        ({ tls }, index) => tls && deps.readTls(tls, ["listeners", index, "tls"]),
      );
      const prepared = await addresses.prepare(listeners, {
        conflict: tlsConflict,
        open: (wanted, index) => open(wanted, timeouts, identities[index]),
        update(address, { upgrades, maxConnections }, index) {
          address.tls = identities[index];
          address.listener.update({ timeouts, upgrades }, address.tls);
          address.places.limit(maxConnections);
        },
        discard: ({ listener }) => listener.close(0),
        retire: ({ listener }) => retire(listener, RETIRE_MS),
      });
      return {
        certificates: identities.flatMap((identity) => identity?.certificates ?? []),
        ...prepared,
      };
    },
    ports: addresses.ports,
    certificateExpiry: () =>
      new Map(addresses.all().flatMap(({ name, tls }) => (tls ? [[name, tls.expiresAt]] : []))),
    counts: () => new Map(addresses.all().map(({ name, places }) => [name, places.read()])),
    async close(deadlineMs) {
      const all = [...retiring.keys(), ...addresses.take().map(({ listener }) => listener)];
      for (const listener of all) retire(listener, deadlineMs);
      await Promise.all(retiring.values());
    },
  };
}

/** The address would have to be given back first, and clients that connect meanwhile would be refused. */
function tlsConflict({ tls }: BoundAddress, wanted: ListenerConfig): string | undefined {
  if ((tls === undefined) === (wanted.tls === undefined)) return undefined;
  return `${wanted.bind} is served ${tls ? "with" : "without"} TLS, which cannot change while it serves: use another address, or restart`;
}
