import type { Socket } from "node:net";
import type { OpenExchange } from "./exchange/live-exchange.ts";
import type { BodyWatch } from "./slow-body.ts";

/** A client's connection, as its listener knows it. */
export interface ClientConnection {
  /**
   * In the order of their requests. No Set: one that is changed with every request leaves tables behind that keep what
   * they held, until the next full garbage collection.
   */
  readonly open: OpenExchange[];
  /** Its client got a refusal or is about to; bytes that still arrive are dropped. */
  refused: boolean;
  /** Its last request was read: bytes behind it are ignored. */
  last: boolean;
  /** Sends the refusal that waits for the open requests to be answered. */
  pendingRefusal: (() => void) | undefined;
  /** It has had a request that is answered. */
  served: boolean;
  /** Bytes that had come when it was first seen idle; undefined before. */
  idleBytes: number | undefined;
  /** When it was last seen without bytes that are no request yet. */
  strayAt: number;
  /** Of the body that is waited for; undefined before, and when there is none. */
  body: BodyWatch | undefined;
}

/** All that are open. */
export type ClientConnections = ReadonlyMap<Socket, ClientConnection>;

export const createClientConnection = (): ClientConnection => ({
  open: [],
  refused: false,
  last: false,
  pendingRefusal: undefined,
  served: false,
  idleBytes: undefined,
  strayAt: 0,
  body: undefined,
});
