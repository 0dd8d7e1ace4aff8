import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../../runtime/clock.ts";
import { createAnswerWriter } from "./answer-writer.ts";
import {
  headerValue,
  type Exchange,
  type GoneWhy,
  type HeaderList,
  type RequestHead,
} from "../../exchange.ts";
import { isFieldText } from "../../transport/field-syntax.ts";

/** One request on a real connection. The engines take the client's body from it. */
export interface LiveExchange extends Exchange {
  /** The source of the client's body. */
  readonly request: IncomingMessage;
  /** Its client waits for a 100 before it sends its body (`Expect: 100-continue`). */
  readonly expectsContinue: boolean;
  /** Sends the 100 that the client's body waits for. */
  acceptBody(): void;
  /** The raw connection of an upgrade request, to be taken over once a 101 has been relayed. */
  readonly upgrade: { readonly socket: Socket; takeEarlyBytes(): Buffer } | undefined;
}

/** The same with what only its listener may do. */
export interface OpenExchange extends LiveExchange {
  /** The connection is gone; or its body is not read any further, for which it may still have to be answered. */
  clientGone(why?: GoneWhy): void;
}

interface LiveExchangeDeps {
  readonly clock: Clock;
  readonly head: RequestHead;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** True when the connection should not be kept once this answer is given. */
  closing(): boolean;
  /** The last byte of the answer was given to the system, or the connection broken off. */
  done(): void;
}

/** How long a client may go on sending the rest of a body after its answer, before it is cut off. */
const LINGER_MS = 5000;

export function createLiveExchange(deps: LiveExchangeDeps): OpenExchange {
  const { clock, head, request, response } = deps;
  const { socket } = request;
  // The same test by which node recognizes such a request.
  const expectsContinue =
    request.httpVersion === "1.1" && /(?:^|\W)100-continue(?:$|\W)/i.test(request.headers.expect ?? "");
  const writer = createAnswerWriter(response);
  const goneListeners: ((why: GoneWhy) => void)[] = [];
  let unread = false;
  let accepted = false;
  let over = false;
  let delimited = true;
  // A write after the client has left is reported here as well; the core is notified by onClientGone.
  response.on("error", () => {});
  response.on("finish", () => deps.done());

  function begin() {
    self.started = true;
    // A client that got no 100 may send its body or not: only a new connection is unambiguous.
    if (unread || deps.closing() || (expectsContinue && !accepted)) response.shouldKeepAlive = false;
  }

  function finish() {
    if (over) return;
    over = true;
    if (request.complete || !response.shouldKeepAlive) return;
    request.resume();
    const cancel = clock.after(LINGER_MS, () => socket.destroy());
    request.once("close", cancel);
  }

  // Plain fields, not getters: V8 makes a hidden class of its own for each literal that has some, and keeps with it
  // everything that a request has held until the next full garbage collection.
  const self: OpenExchange & { started: boolean; bytesOut: number } = {
    head,
    request,
    upgrade: undefined,
    expectsContinue,
    started: false,
    bytesOut: 0,
    header: (name) => headerValue(head.headers, name),
    acceptBody() {
      if (!expectsContinue || accepted || self.started || over) return;
      accepted = true;
      response.writeContinue();
    },
    answer(status, headers, body) {
      if (self.started || over) return;
      begin();
      // RFC 9110, 15.5.9: the connection of a client that was too slow is closed.
      if (status === 408) response.shouldKeepAlive = false;
      const payload = Buffer.from(body);
      response.writeHead(status, STATUS_CODES[status] ?? "", [
        ...withoutLength(headers),
        "Content-Length",
        String(payload.length),
      ]);
      response.end(payload);
      if (head.method !== "HEAD") self.bytesOut = payload.length;
      finish();
    },
    start({ status, reason, headers }) {
      if (self.started || over) return;
      begin();
      response.sendDate = false;
      const sized = headerValue(headers, "content-length") !== undefined;
      const bodiless = head.method === "HEAD" || status === 204 || status === 304;
      delimited = bodiless || sized || request.httpVersion !== "1.0";
      writer.head(status, sendableReason(reason), status === 204 ? withoutLength(headers) : headers);
    },
    inform(interim) {
      // An interim answer may be dropped (RFC 9110, 15.2): HTTP/1.0 knows none, and behind a pipelined request
      // there is no connection to write it to yet.
      if (self.started || over || response.socket === null || request.httpVersion === "1.0") return;
      response.socket.write(rawHead(interim.status, interim.reason, interim.headers), "latin1");
    },
    write(chunk) {
      if (over) return true;
      self.bytesOut += chunk.length;
      return writer.body(chunk);
    },
    onDrain(run) {
      response.once("drain", run);
    },
    end(trailers) {
      if (over) return;
      writer.end(trailers);
      finish();
    },
    cut() {
      if (over) return;
      over = true;
      deps.done();
      // Where only the connection's end ends the body, an orderly end would pass for a whole answer.
      // Under TLS that end would have to be announced, and a broken one passes for nothing.
      if (delimited || head.secure === true) socket.destroy();
      else socket.resetAndDestroy();
    },
    onClientGone(run) {
      goneListeners.push(run);
    },
    awaitsBody: () => head.hasBody && !request.complete && request.readableFlowing === true,
    clientGone(why = "left") {
      if (over) return;
      if (why === "left") over = true;
      else unread = true;
      for (const run of goneListeners) run(why);
    },
  };
  return self;
}

/** A head as it goes on the wire, for the few that node does not write itself. In latin1, as headers are read. */
export function rawHead(status: number, reason: string, headers: HeaderList): string {
  let text = `HTTP/1.1 ${status} ${sendableReason(reason)}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n`;
}

/** RFC 9110, 8.6: a 204 has no length, not even one of zero. */
function withoutLength(headers: HeaderList): string[] {
  return headers.filter((_, i) => headers[i - (i % 2)]?.toLowerCase() !== "content-length");
}

/** A reason phrase in some other encoding is dropped: node would throw on it. */
function sendableReason(reason: string): string {
  return isFieldText(reason) ? reason : "";
}
