import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import httpProxy from "http-proxy";
import type { HeaderList } from "../exchange.ts";
import type { LiveExchange } from "../listener/exchange/live-exchange.ts";
import { createClientBody } from "./client-body.ts";
import { failureDetail, failureKind } from "./failure-kind.ts";
import { IDLE_MS } from "./connection-store.ts";
import { checkOnce } from "./health-check.ts";
import { headFault } from "./head-fault.ts";
import { headOf, relayResponse } from "./relay-response.ts";
import type { UpstreamRequest, UpstreamRequestEvents, Transport } from "./transport.ts";
import type { EngineDeps } from "./undici.ts";
import { UpstreamAgent } from "./upstream-agent.ts";
import type { Target } from "../address.ts";

/** What http-proxy is given in place of the client's request: one attempt's own, with exactly what is to be sent. */
interface StandInRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string | string[]>;
  readonly socket: { readonly destroyed: false };
  /** Ends the attempt's upstream request before it has a connection. */
  emit(event: "aborted"): boolean;
  readonly hooks: AttemptHooks;
}

interface AttemptHooks {
  onUpstreamRequest(request: ClientRequest): void;
  onResponse(response: IncomingMessage): void;
}

interface UpstreamConnections {
  readonly agent: Agent;
  active: number;
  reuses: number;
}

/**
 * Carries requests over http-proxy 1.18.1, which opens the connection, sends the request and reports the answer.
 * It gets an emitter of each attempt's own instead of the client's request, and never the client's response, so that
 * what it does wrong with them cannot happen: its listeners end with the attempt, it edits no headers that are sent,
 * and no error of the client's is mistaken for the upstream's. The answer is relayed here.
 *
 * Idle connections are node's to close: after `idleMs`, or earlier if the upstream announces it.
 */
export function createHttpProxyEngine({
  idleMs = IDLE_MS,
}: Omit<EngineDeps, "clock">): Transport<LiveExchange> {
  const places = new Map<string, UpstreamConnections>();
  const proxy = httpProxy.createProxyServer({ selfHandleResponse: true });
  keepOnlyStreamPass(proxy);
  proxy.on("proxyReq", (upstreamRequest, request) => hooksOf(request).onUpstreamRequest(upstreamRequest));
  proxy.on("proxyRes", (response, request) => hooksOf(request).onResponse(response));

  const keyOf = ({ host, port }: Target) => `${host}:${port}`;

  function placeOf(target: Target): UpstreamConnections {
    const key = keyOf(target);
    let place = places.get(key);
    if (!place) {
      const agent = new UpstreamAgent({ keepAlive: true, maxFreeSockets: Infinity, timeout: idleMs });
      places.set(key, (place = { agent, active: 0, reuses: 0 }));
    }
    return place;
  }

  return {
    send: (target, exchange, headers, events) =>
      startAttempt(proxy, placeOf(target), target, exchange, headers, events),
    check: checkOnce,
    counts(target) {
      const place = places.get(keyOf(target));
      const free = Object.values(place?.agent.freeSockets ?? {});
      const idle = free.reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0);
      return { idle, active: place?.active ?? 0, reuses: place?.reuses ?? 0 };
    },
    forget(target) {
      const place = places.get(keyOf(target));
      places.delete(keyOf(target));
      if (place) retire(place.agent);
    },
    close() {
      for (const { agent } of places.values()) retire(agent);
      places.clear();
    },
  };
}

function startAttempt(
  proxy: httpProxy,
  place: UpstreamConnections,
  { host, port }: Target,
  exchange: LiveExchange,
  headers: HeaderList,
  events: UpstreamRequestEvents,
): UpstreamRequest {
  let over = false;
  let requestSent = false;
  let bodyConsumed = false;
  let reused = false;
  let answer: IncomingMessage | undefined;
  let upstreamRequest: ClientRequest | undefined;

  const body = createClientBody(exchange, () => {
    bodyConsumed = true;
    events.progress();
  });

  /** The only way out: nothing is emitted, taken or counted after it. */
  function leave(): boolean {
    if (over) return false;
    over = true;
    place.active -= 1;
    body.detach();
    return true;
  }

  function destroyUpstream() {
    // Until http-proxy has emitted its request, this is the one handle on it.
    standIn.emit("aborted");
    upstreamRequest?.destroy();
    body.stream.destroy();
  }

  function abort() {
    if (leave()) destroyUpstream();
  }

  function fail(error: unknown, kind = failureKind(error, requestSent)) {
    // The answer is whole: what came behind it ends the connection, and its end is still to be relayed.
    if (answer?.complete === true || !leave()) return;
    destroyUpstream();
    const detail = failureDetail(error);
    const headReceived = answer !== undefined;
    events.fail({ kind, requestSent, bodyConsumed, reused, headReceived, detail });
  }

  function begin(isReused: boolean) {
    if (over) return;
    reused = isReused;
    if (reused) place.reuses += 1;
    requestSent = true;
    events.connected(reused);
    body.open();
    // node sends a head only with the first of a body, and an answer may be waiting for the head alone.
    if (exchange.head.hasBody) setImmediate(sendHead);
  }

  function sendHead() {
    if (!over && !bodyConsumed) upstreamRequest?.flushHeaders();
  }

  const hooks: AttemptHooks = {
    // http-proxy's `proxyReq`: not emitted for a request with `Expect`, which never comes as far as an engine.
    onUpstreamRequest(request) {
      upstreamRequest = request;
      if (over) return void request.destroy();
      // http-proxy would collapse slashes.
      request.path = exchange.head.target;
      request.on("information", (interim) => {
        if (!over && interim.statusCode !== 100) events.inform(headOf(interim));
      });
      request.on("upgrade", (_response, socket) => {
        socket.destroy();
        fail(new Error("an unsolicited upgrade"), "invalid");
      });
      // A connection that breaks after the answer, while a body is still being sent, does not matter any more.
      request.on("error", () => {});
      if (request.reusedSocket) begin(true);
      else request.socket?.once("connect", () => begin(false));
    },
    onResponse(response) {
      if (over) return;
      response.on("error", () => {});
      const head = headOf(response);
      const fault = headFault(head);
      if (fault !== undefined) return fail(new Error(fault), "invalid");
      answer = response;
      if (!events.head(head)) return abort();
      relayResponse(response, exchange, {
        progress: () => events.progress(),
        end(trailers) {
          if (!leave()) return;
          if (!upstreamRequest?.writableFinished) destroyUpstream();
          events.end(trailers);
        },
        broken: (error) => fail(error, "reset"),
      });
    },
  };

  const standIn: StandInRequest = Object.assign(body.stream, {
    method: exchange.head.method,
    url: "/",
    headers: fieldsOf(headers, exchange.head.hasBody),
    socket: { destroyed: false } as const,
    hooks,
  });
  place.active += 1;
  try {
    proxy.web(
      standIn as unknown as IncomingMessage,
      NO_RESPONSE as unknown as ServerResponse,
      { target: { protocol: "http:", host, hostname: host, port }, agent: place.agent },
      (error) => fail(error),
    );
  } catch (error) {
    // Node refuses to make a request out of some headers. The caller has not got its upstream request yet.
    queueMicrotask(() => fail(error, "invalid"));
  }
  return { abort };
}

/** http-proxy looks at its response in passing only, as the engine handles the answer. */
const NO_RESPONSE = { headersSent: true, finished: false };

function hooksOf(request: IncomingMessage): AttemptHooks {
  return (request as unknown as StandInRequest).hooks;
}

/**
 * Leaves http-proxy only the pass that sends. The others edit the request's headers: `deleteLength` takes the framing
 * off a chunked DELETE or OPTIONS and so lets its body through as a second request (CVE-2026-29057).
 */
function keepOnlyStreamPass(proxy: httpProxy) {
  const inner = proxy as unknown as { webPasses: { readonly name: string }[] };
  inner.webPasses = inner.webPasses.filter(({ name }) => name === "stream");
  if (inner.webPasses.length !== 1) throw new Error("http-proxy's stream pass is not where 1.18.1 has it");
}

/** Repeated fields are kept apart, in their order. A body that has no length is sent in chunks, with every method. */
function fieldsOf(headers: HeaderList, hasBody: boolean): Record<string, string | string[]> {
  const fields = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    const field = fields.get(name.toLowerCase());
    if (field) field.values.push(value);
    else fields.set(name.toLowerCase(), { name, values: [value] });
  }
  if (hasBody && !fields.has("content-length"))
    fields.set("transfer-encoding", { name: "Transfer-Encoding", values: ["chunked"] });
  const out: Record<string, string | string[]> = {};
  for (const { name, values } of fields.values())
    out[name] = values.length === 1 ? (values[0] ?? "") : values;
  return out;
}

/** Closes what idles, and keeps nothing that ends later. */
function retire(agent: Agent) {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
}
