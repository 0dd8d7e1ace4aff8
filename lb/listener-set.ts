import type { Balancer, RequestRecord } from "./balancer.ts";
import { BindFailure } from "./bind-failure.ts";
import type { BalancerConfig } from "./config/schema.ts";
import { createListener, type Listener, type ListenerDeps } from "./listener.ts";
import type { LiveExchange } from "./live-exchange.ts";
import { parseAddress } from "./upstream.ts";

/** New listeners that are bound and not in use yet. Exactly one of the two is to be called. */
export interface PreparedListeners {
  /** From now on these are the listeners; those that are no longer wanted end what they have in flight. */
  commit(): void;
  /** Gives the addresses back. */
  cancel(): Promise<void>;
}

/** The addresses that clients connect to, as the configuration in force has them. */
export interface ListenerSet {
  /** Binds what a configuration needs beyond what is bound. Throws BindFailure, and then has bound nothing. */
  prepare(config: BalancerConfig): Promise<PreparedListeners>;
  /** Ports in use, by listener name. */
  ports(): Readonly<Record<string, number>>;
  /** Stops to accept; resolves when everything in flight has ended, or after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

export interface ListenerSetDeps extends Omit<ListenerDeps, "timeouts"> {
  readonly balancer: Pick<Balancer<LiveExchange>, "handle">;
}

/** A bound address. Its name may change with the configuration while its connections go on. */
interface Place {
  name: string;
  readonly listener: Listener;
  readonly port: number;
}

/** How long connections of an address that is no longer wanted may take to end. */
const RETIRE_MS = 30_000;

export function createListenerSet(deps: ListenerSetDeps): ListenerSet {
  let places = new Map<string, Place>();
  const retiring = new Map<Listener, Promise<void>>();

  async function open(
    { name, bind }: { readonly name: string; readonly bind: string },
    index: number,
    timeouts: BalancerConfig["timeouts"],
  ): Promise<Place> {
    // A name of its own for the closures below: the set's entry knows what the address is called now.
    const known: { place?: Place } = {};
    const nameNow = () => known.place?.name ?? name;
    const listener = createListener(
      name,
      parseAddress(bind),
      { handle: (_name, exchange) => deps.balancer.handle(nameNow(), exchange) },
      {
        ...deps,
        timeouts,
        onRejected: (record: RequestRecord) => deps.onRejected({ ...record, listener: nameNow() }),
      },
    );
    try {
      known.place = { name, listener, port: (await listener.listen()).port };
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
      const opened = new Map<string, Place>();
      const cancel = async () => {
        await Promise.all(Array.from(opened.values(), ({ listener }) => listener.close(0)));
      };
      try {
        for (const [index, wanted] of listeners.entries())
          if (!places.has(keyOf(wanted))) opened.set(keyOf(wanted), await open(wanted, index, timeouts));
      } catch (error) {
        await cancel();
        throw error;
      }
      return {
        cancel,
        commit() {
          const old = places;
          places = new Map();
          for (const wanted of listeners) {
            const key = keyOf(wanted);
            const place = opened.get(key) ?? old.get(key);
            if (place === undefined) continue;
            place.name = wanted.name;
            place.listener.update(timeouts);
            places.set(key, place);
          }
          for (const [key, { listener }] of old) if (!places.has(key)) retire(listener, RETIRE_MS);
        },
      };
    },
    ports: () => Object.fromEntries(Array.from(places.values(), ({ name, port }) => [name, port])),
    async close(deadlineMs) {
      const all = [...retiring.keys(), ...Array.from(places.values(), ({ listener }) => listener)];
      places.clear();
      for (const listener of all) retire(listener, deadlineMs);
      await Promise.all(retiring.values());
    },
  };
}

/** An address stays bound under another name. Port 0 is a port of its own for each name. */
function keyOf({ name, bind }: { readonly name: string; readonly bind: string }): string {
  return parseAddress(bind).port === 0 ? `${bind} ${name}` : bind;
}
