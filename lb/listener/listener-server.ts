import { createServer, type Server, type ServerOptions } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { systemCode } from "../../runtime/errors.ts";
import type { TlsIdentity } from "./tls/tls-identity.ts";
import type { RequestClass } from "./exchange/upgrade-request.ts";

export type ListenerOptions = ServerOptions<RequestClass>;

/** node's HTTP server behind a listener, with TLS in front of it or without. */
export interface ListenerServer {
  readonly server: Server<RequestClass>;
  /** Called with each connection on which requests can come: over TLS, once its handshake is done. */
  onConnection(run: (socket: Socket) => void): void;
  /** Called with each connection whose client sends plain HTTP to a TLS listener, while it can still be answered. */
  onPlain(run: (socket: Socket) => void): void;
  /** Serves new connections with this identity; open ones keep theirs. */
  useIdentity(identity: TlsIdentity): void;
  /** Breaks off handshakes that are not done. */
  abortHandshakes(): void;
}

export function createPlainServer(options: ListenerOptions): ListenerServer {
  const server = createServer(options);
  return {
    server,
    onConnection: (run) => void server.on("connection", run),
    onPlain() {},
    useIdentity() {},
    abortHandshakes() {},
  };
}

/** `handshakeMs` is what a client has for its handshake. HTTP/1.1 only. */
export function createTlsServer(
  options: ListenerOptions,
  identity: TlsIdentity,
  handshakeMs: number,
): ListenerServer {
  let current = identity;
  const server = createSecureServer({
    ...options,
    ...contextOptions(identity),
    handshakeTimeout: handshakeMs,
    ALPNProtocols: ["http/1.1"],
    SNICallback: (name, done) => done(null, current.contextFor(name)),
  });
  // A connection under its TLS, by the one thing that both know: where it comes from.
  const handshakes = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const from = originOf(socket);
    handshakes.set(from, socket);
    socket.on("error", () => {});
    socket.once("close", () => handshakes.delete(from));
  });
  server.on("secureConnection", (socket: TLSSocket) => handshakes.delete(originOf(socket)));
  return {
    server,
    onConnection: (run) => void server.on("secureConnection", run),
    onPlain(run) {
      server.on("tlsClientError", (error, secured) => {
        const socket = handshakes.get(originOf(secured));
        if (socket?.writable && NO_TLS.has(systemCode(error) ?? "")) run(socket);
      });
    },
    useIdentity(identity) {
      current = identity;
      server.setSecureContext(contextOptions(identity));
    },
    abortHandshakes() {
      for (const socket of handshakes.values()) socket.destroy();
    },
  };
}

/** OpenSSL's codes for a first record that is not TLS: for the commonest methods, and for anything else. */
const NO_TLS = new Set(["ERR_SSL_HTTP_REQUEST", "ERR_SSL_WRONG_VERSION_NUMBER"]);

const contextOptions = ({ main: { cert, key }, minVersion }: TlsIdentity) => ({ cert, key, minVersion });
const originOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
