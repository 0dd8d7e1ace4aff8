import { ServerResponse, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../../runtime/clock.ts";
import type { RequestHead } from "../../exchange.ts";
import { createLiveExchange, rawHead, type OpenExchange } from "./live-exchange.ts";

interface UpgradeExchangeDeps {
  readonly clock: Clock;
  readonly head: RequestHead;
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What the client sent behind its request head. */
  readonly early: Buffer;
  done(): void;
}

/** More than this a client has no business sending before it knows that the upgrade is granted. */
const MAX_EARLY_BYTES = 64 * 1024;

/**
 * An upgrade request, which node hands over with its bare connection. A 101 turns the connection into a byte stream;
 * any other answer is an ordinary one, after which the connection is closed.
 */
export function createUpgradeExchange(deps: UpgradeExchangeDeps): OpenExchange {
  const { head, socket } = deps;
  const response = new ServerResponse(deps.request);
  response.assignSocket(socket);
  // Node took its own handlers off this connection when it handed it over.
  const passDrainOn = () => response.emit("drain");
  socket.on("drain", passDrainOn);
  response.on("finish", () => socket.destroySoon());
  const plain = createLiveExchange({ ...deps, response, closing: () => true });

  // Reading on is the only way to notice a client that leaves while its upgrade is pending.
  let held = [deps.early];
  const hold = (chunk: Buffer) => {
    held.push(chunk);
    if (held.reduce((sum, piece) => sum + piece.length, 0) > MAX_EARLY_BYTES) socket.pause();
  };
  const leave = () => socket.destroy();
  socket.on("data", hold).on("end", leave);

  let switched = false;
  let over = false;
  const goneListeners: (() => void)[] = [];

  function finish() {
    if (over) return;
    over = true;
    deps.done();
  }

  /** Copies the state of the ordinary answer, when it may have changed. */
  function follow() {
    self.started = plain.started;
    self.bytesOut = plain.bytesOut;
  }

  // Plain fields, not getters, as in an ordinary exchange.
  const self: OpenExchange & { started: boolean; bytesOut: number } = {
    head,
    request: deps.request,
    expectsContinue: false,
    started: false,
    bytesOut: 0,
    upgrade: {
      socket,
      takeEarlyBytes() {
        socket.off("data", hold).off("end", leave);
        const early = Buffer.concat(held);
        held = [];
        return early;
      },
    },
    header: (name) => plain.header(name),
    acceptBody: () => {},
    answer(status, headers, body) {
      plain.answer(status, headers, body);
      follow();
    },
    start(answer) {
      if (answer.status !== 101) {
        plain.start(answer);
        return follow();
      }
      if (self.started) return;
      switched = true;
      self.started = true;
      socket.off("drain", passDrainOn);
      response.detachSocket(socket);
      socket.write(rawHead(101, answer.reason, answer.headers), "latin1");
    },
    inform: (interim) => plain.inform(interim),
    write(chunk) {
      if (!switched) {
        const more = plain.write(chunk);
        follow();
        return more;
      }
      self.bytesOut += chunk.length;
      return socket.write(chunk);
    },
    onDrain(run) {
      if (switched) socket.once("drain", run);
      else plain.onDrain(run);
    },
    end(trailers) {
      if (!switched) return plain.end(trailers);
      finish();
      socket.destroySoon();
    },
    cut() {
      if (!switched) return plain.cut();
      finish();
      socket.destroy();
    },
    onClientGone(run) {
      goneListeners.push(run);
      plain.onClientGone(run);
    },
    clientGone() {
      if (!switched) return plain.clientGone();
      if (over) return;
      over = true;
      for (const run of goneListeners) run();
    },
  };
  return self;
}
