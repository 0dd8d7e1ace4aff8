import { readFileSync } from "node:fs";
import { connect, createServer, Server, type AddressInfo, type Socket } from "node:net";
import type { Clock } from "../../runtime/clock.ts";

/**
 * The system completes connections by itself, and resets those that were not accepted when the listening socket closes.
 * The backlog bounds how many may wait in the accept queue; Linux lets one more wait.
 */
const BACKLOG = 1;
const FILLERS = BACKLOG + 1;

interface CloseDeps {
  readonly clock: Clock;
  /** How long accepting the queue may take; after that those that still wait are reset. */
  readonly timeoutMs: number;
  /** How many connections were accepted so far. */
  accepted(): number;
  /** The listening socket is closed: no connection comes any more. */
  stopped(): void;
  /** And every connection that came through it is, too. */
  closed(): void;
}

/**
 * Closes a listening server without a reset, as soon as its accept queue is empty and can get no new entry. To that end
 * the backlog is made as short as it gets, and once the queue is empty, filled with connections of our own: the system
 * completes no others from then on, and these are all that is lost. Where the system does not show the queue, a turn of
 * the loop in which no connection came has to do.
 */
export function drainAcceptQueue(
  server: Server,
  { clock, timeoutMs, accepted, stopped, closed }: CloseDeps,
): void {
  const at = server.address() as AddressInfo | null;
  // It is being closed already.
  if (at === null) return void Server.prototype.close.call(server, closed);
  const { address, port, family } = at;
  const gate = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    server.emit("connection", socket),
  );
  // The same socket under another owner: the one way to set a new backlog.
  gate.listen(server, BACKLOG);
  const until = clock.now() + timeoutMs;

  function turn(before: number) {
    setImmediate(() => {
      const now = accepted();
      if (clock.now() > until) close();
      else if (now !== before) turn(now);
      else fill();
    });
  }

  function fill() {
    const plugs = Array.from({ length: FILLERS }, () => ownConnection(hostOf(address), port));
    // They are on their way before this runs, and the loop has not turned since: none has been accepted.
    process.nextTick(() => {
      const alone = onlyTheseWait(family, port, plugs);
      if (alone !== false) close();
      for (const socket of plugs) socket.destroy();
      if (alone === false) turn(accepted());
    });
  }

  function close() {
    let open = 2;
    const one = () => void ((open -= 1) === 0 && closed());
    // http.Server's own close breaks off answers that have ended but are not flushed yet; net.Server's waits.
    Server.prototype.close.call(server, one);
    gate.close(one);
    stopped();
  }

  // The current turn may have polled for connections before this began.
  setImmediate(() => turn(accepted()));
}

function ownConnection(host: string, port: number): Socket {
  return connect({ host, port }).on("error", () => {});
}

/** What reaches a server that listens on every address. */
const hostOf = (address: string): string =>
  address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;

/** The kernel's numbers for a connection's state. */
const [ESTABLISHED, BEING_MADE, LISTENING] = ["01", "03", "0A"];

/** Whether these connections are all that wait at a port, and none is being made. Undefined: the system does not show it. */
function onlyTheseWait(family: string, port: number, connections: readonly Socket[]): boolean | undefined {
  const rows = socketsAt(family, port);
  const listening = rows?.filter(({ state }) => state === LISTENING);
  if (!rows || listening?.length !== 1) return undefined;
  const arrived = connections.filter(({ localPort }) =>
    rows.some(({ state, peerPort }) => state === ESTABLISHED && peerPort === localPort),
  );
  return (
    arrived.length === connections.length &&
    listening[0]?.waiting === connections.length &&
    rows.every(({ state }) => state !== BEING_MADE)
  );
}

interface SocketRow {
  readonly state: string;
  readonly peerPort: number;
  /** Of a listening socket: connections that were not taken over yet. */
  readonly waiting: number;
}

/** The kernel's list of sockets, those on one port. Undefined where there is none. */
function socketsAt(family: string, port: number): readonly SocketRow[] | undefined {
  let list: string;
  try {
    list = readFileSync(family === "IPv6" ? "/proc/net/tcp6" : "/proc/net/tcp", "latin1");
  } catch {
    // Not Linux.
    return undefined;
  }
  const row = /^ *\d+: [\dA-F]+:([\dA-F]{4}) [\dA-F]+:([\dA-F]{4}) ([\dA-F]{2}) [\dA-F]{8}:([\dA-F]{8}) /gm;
  return Array.from(list.matchAll(row), ([, own = "", peer = "", state = "", waiting = ""]) => ({
    own: Number.parseInt(own, 16),
    state,
    peerPort: Number.parseInt(peer, 16),
    waiting: Number.parseInt(waiting, 16),
  })).filter(({ own }) => own === port);
}
