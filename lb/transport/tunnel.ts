import { request } from "node:http";
import type { Socket } from "node:net";
import type { HeaderList } from "../exchange.ts";
import type { LiveExchange } from "../listener/exchange/live-exchange.ts";
import { failureDetail, failureKind } from "./failure-kind.ts";
import { headFault } from "./head-fault.ts";
import { headOf, relayResponse } from "./relay-response.ts";
import type { UpstreamRequest, UpstreamRequestEvents } from "./transport.ts";
import type { Target } from "../address.ts";

/**
 * Sends an upgrade request on a connection of its own. Once the upstream answers 101, bytes are pumped both ways
 * until one side ends; any other answer is relayed as such.
 */
export function sendUpgrade(
  { host, port }: Target,
  exchange: LiveExchange,
  headers: HeaderList,
  events: UpstreamRequestEvents,
): UpstreamRequest {
  let over = false;
  let requestSent = false;
  let headReceived = false;
  let upstreamSocket: Socket | undefined;

  function leave(): boolean {
    if (over) return false;
    over = true;
    return true;
  }

  function fail(error: unknown, kind = failureKind(error, requestSent)) {
    if (!leave()) return;
    outgoing.destroy();
    upstreamSocket?.destroy();
    const detail = failureDetail(error);
    events.fail({ kind, requestSent, bodyConsumed: false, reused: false, headReceived, detail });
  }

  function end(trailers: HeaderList) {
    if (leave()) events.end(trailers);
  }

  function abort() {
    if (!leave()) return;
    outgoing.destroy();
    upstreamSocket?.destroy();
  }

  const { method, target: path } = exchange.head;
  // A list is sent as it is; the core has left Connection and Upgrade in this one.
  const outgoing = request({ host, port, method, path, agent: false, headers: [...headers] });
  // node would drop the fields past it, and obey them.
  outgoing.maxHeadersCount = 0;
  outgoing.on("socket", (socket) =>
    socket.once("connect", () => {
      if (over) return;
      requestSent = true;
      events.connected(false);
    }),
  );
  outgoing.on("information", (interim) => {
    if (!over && interim.statusCode !== 100) events.inform(headOf(interim));
  });
  outgoing.on("error", (error) => fail(error));
  outgoing.on("response", (response) => {
    if (over) return;
    response.on("error", () => {});
    const head = headOf(response);
    const fault = headFault(head);
    if (fault !== undefined) return fail(new Error(fault), "invalid");
    headReceived = true;
    if (!events.head(head)) return abort();
    relayResponse(response, exchange, {
      progress: () => events.progress(),
      end,
      broken: (error) => fail(error, "reset"),
    });
  });
  outgoing.on("upgrade", (response, socket, early: Buffer) => {
    socket.on("error", () => {});
    if (over || !exchange.upgrade) return void socket.destroy();
    headReceived = true;
    upstreamSocket = socket;
    if (!events.head(headOf(response))) return abort();
    const client = exchange.upgrade.socket;
    const fromClient = exchange.upgrade.takeEarlyBytes();
    if (fromClient.length > 0) socket.write(fromClient);
    if (early.length > 0) exchange.write(early);

    socket.on("data", (chunk: Buffer) => {
      events.progress();
      if (exchange.write(chunk)) return;
      socket.pause();
      exchange.onDrain(() => socket.resume());
    });
    socket.on("end", () => end([]));
    socket.on("close", () => fail(new Error("the upgraded connection broke"), "reset"));
    client.on("data", (chunk: Buffer) => {
      if (over) return;
      events.progress();
      if (socket.write(chunk)) return;
      client.pause();
      socket.once("drain", () => client.resume());
    });
    client.on("end", () => socket.end());
    client.resume();
  });
  outgoing.end();
  return { abort };
}
