import type { Balancer, RequestRecord, CountsOfListeners } from "../balancer.ts";
import { BindFailure } from "./bind-failure.ts";
import type { BalancerConfig, ListenerConfig } from "../config/schema.ts";
import type { CertificateFact } from "../config/lint/rule.ts";
import type { TlsOptions } from "../config/tls-options.ts";
import { createConnectionPlaces, type ConnectionBudget, type ConnectionPlaces } from "./connection-places.ts";
import { createListener, type Listener, type ListenerDeps } from "./listener.ts";
import type { LiveExchange } from "./exchange/live-exchange.ts";
import type { Path } from "../../runtime/yaml/fault.ts";
import type { TlsIdentity } from "./tls/tls-identity.ts";
import { UnmetNeed } from "../config/unmet-need.ts";
import { parseAddress } from "../address.ts";

/** New listeners that are bound and not in use yet. Exactly one of the two is to be called. */
export interface PreparedListeners {
  /** Those that the listeners would show; absent: no TLS. */
  readonly certificates?: readonly CertificateFact[];
  /** From now on these are the listeners; those that are no longer wanted end what they have in flight. */
  commit(): void;
  /** Gives the addresses back. */
  cancel(): Promise<void>;
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
  /** Stops to accept; resolves when everything in flight has ended, or after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

export interface ListenerSetDeps extends Omit<ListenerDeps, "timeouts" | "upgrades" | "tls" | "places"> {
  /** The most connections that all listeners may have together. */
  readonly maxConnections: number;
  readonly balancer: Pick<Balancer<LiveExchange>, "handle">;
  /** Reads what stands at `path`. Throws UnmetNeed. */
  readonly readTls: (tls: TlsOptions, path: Path) => TlsIdentity;
}

/** A bound address. Its name may change with the configuration while its connections go on. */
interface Place {
  name: string;
  readonly listener: Listener;
  readonly places: ConnectionPlaces;
  readonly port: number;
  tls: TlsIdentity | undefined;
}

/** How long connections of an address that is no longer wanted may take to end. */
const RETIRE_MS = 30_000;

export function createListenerSet(deps: ListenerSetDeps): ListenerSet {
  let places = new Map<string, Place>();
  const retiring = new Map<Listener, Promise<void>>();
  const budget: ConnectionBudget = { limit: deps.maxConnections, open: 0 };

  async function open(
    { name, bind, upgrades }: ListenerConfig,
    index: number,
    timeouts: BalancerConfig["timeouts"],
    tls: TlsIdentity | undefined,
  ): Promise<Place> {
    // A name of its own for the closures below: the set's entry knows what the address is called now.
    const known: { place?: Place } = {};
    const nameNow = () => known.place?.name ?? name;
    const connections = createConnectionPlaces(name, budget, deps);
    const listener = createListener(
      name,
      parseAddress(bind),
      { handle: (_name, exchange) => deps.balancer.handle(nameNow(), exchange) },
      {
        ...deps,
        timeouts,
        upgrades,
        tls,
        places: connections,
        onRejected: (record: RequestRecord) => deps.onRejected({ ...record, listener: nameNow() }),
      },
    );
    try {
      known.place = { name, listener, places: connections, tls, port: (await listener.listen()).port };
      return known.place;
    } catch (error) {
      throw new BindFailure(bind, ["listeners", index, "bind"], error);
    }
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
      for (const [index, wanted] of listeners.entries()) {
        const place = places.get(keyOf(wanted));
        if (place && (place.tls === undefined) !== (wanted.tls === undefined))
          throw new UnmetNeed("CONFIG_INVALID", ["listeners", index, "bind"], cannotTurn(wanted.bind, place));
      }
      const opened = new Map<string, Place>();
      const cancel = async () => {
        await Promise.all(Array.from(opened.values(), ({ listener }) => listener.close(0)));
      };
      try {
        for (const [index, wanted] of listeners.entries())
          if (!places.has(keyOf(wanted)))
            opened.set(keyOf(wanted), await open(wanted, index, timeouts, identities[index]));
      } catch (error) {
        await cancel();
        throw error;
      }
      return {
        certificates: identities.flatMap((identity) => identity?.certificates ?? []),
        cancel,
        commit() {
          const old = places;
          places = new Map();
          for (const [index, wanted] of listeners.entries()) {
            const key = keyOf(wanted);
            const place = opened.get(key) ?? old.get(key);
            if (place === undefined) continue;
            place.name = wanted.name;
            place.tls = identities[index];
            place.listener.update({ timeouts, upgrades: wanted.upgrades }, place.tls);
            place.places.limit(wanted.maxConnections);
            places.set(key, place);
          }
          for (const [key, { listener }] of old) if (!places.has(key)) retire(listener, RETIRE_MS);
        },
      };
    },
    ports: () => Object.fromEntries(Array.from(places.values(), ({ name, port }) => [name, port])),
    certificateExpiry: () =>
      new Map(Array.from(places.values()).flatMap(({ name, tls }) => (tls ? [[name, tls.expiresAt]] : []))),
    counts: () => new Map(Array.from(places.values(), ({ name, places }) => [name, places.read()])),
    async close(deadlineMs) {
      const all = [...retiring.keys(), ...Array.from(places.values(), ({ listener }) => listener)];
      places.clear();
      for (const listener of all) retire(listener, deadlineMs);
      await Promise.all(retiring.values());
    },
  };
}

/** The address would have to be given back first, and whoever connects meanwhile would be refused. */
const cannotTurn = (bind: string, { tls }: Place): string =>
  `${bind} is served ${tls ? "with" : "without"} TLS, which cannot change while it serves: use another address, or restart`;

/** An address stays bound under another name. Port 0 is a port of its own for each name. */
function keyOf({ name, bind }: { readonly name: string; readonly bind: string }): string {
  return parseAddress(bind).port === 0 ? `${bind} ${name}` : bind;
}
