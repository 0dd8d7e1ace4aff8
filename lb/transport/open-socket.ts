import { connect, type NetConnectOpts, type Socket } from "node:net";
import type { Target } from "../address.ts";

/** Begins to connect to an upstream, as every engine does. `onread` takes the socket's bytes past its stream. */
export function openSocket({ host, port }: Target, onread?: NetConnectOpts["onread"]): Socket {
  return connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    ...(onread && { onread }),
  });
}
