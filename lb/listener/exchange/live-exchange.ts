import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../../runtime/clock.ts";
import { AnswerWriter } from "./answer-writer.ts";
import {
  headerValue,
  type Exchange,
  type GoneWhy,
  type HeaderList,
  type RequestHead,
  type ResponseHead,
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

/** One request on a connection that speaks HTTP. */
export const createLiveExchange = (deps: LiveExchangeDeps): OpenExchange => new HttpExchange(deps);

// A class, since every request has one. Plain fields, not getters, by which V8 keeps all that a request has held until the
// next full garbage collection.
class HttpExchange implements OpenExchange {
  readonly head: RequestHead;
  readonly request: IncomingMessage;
  readonly upgrade = undefined;
  readonly expectsContinue: boolean;
  started = false;
  bytesOut = 0;
  private readonly deps: LiveExchangeDeps;
  private readonly response: ServerResponse;
  private readonly writer: AnswerWriter;
  private readonly goneListeners: ((why: GoneWhy) => void)[] = [];
  private unread = false;
  private accepted = false;
  private over = false;
  private delimited = true;

  constructor(deps: LiveExchangeDeps) {
    const { head, request, response } = deps;
    this.deps = deps;
    this.head = head;
    this.request = request;
    this.response = response;
    this.expectsContinue = expectsContinue(request);
    this.writer = new AnswerWriter(response);
    // A write after the client has left is reported here as well; the core is notified by onClientGone.
    response.on("error", ignore);
    response.on("finish", () => deps.done());
  }

  header(name: string): string | undefined {
    return headerValue(this.head.headers, name);
  }

  acceptBody(): void {
    if (!this.expectsContinue || this.accepted || this.started || this.over) return;
    this.accepted = true;
    this.response.writeContinue();
  }

  answer(status: number, headers: HeaderList, body: string): void {
    const { response } = this;
    if (this.started || this.over) return;
    this.begin();
    // RFC 9110, 15.5.9: the connection of a client that was too slow is closed.
    if (status === 408) response.shouldKeepAlive = false;
    const payload = Buffer.from(body);
    response.writeHead(status, STATUS_CODES[status] ?? "", [
      ...withoutLength(headers),
      "Content-Length",
      String(payload.length),
    ]);
    response.end(payload);
    if (this.head.method !== "HEAD") this.bytesOut = payload.length;
    this.finish();
  }

  start({ status, reason, headers }: ResponseHead): void {
    if (this.started || this.over) return;
    this.begin();
    this.response.sendDate = false;
    const sized = headerValue(headers, "content-length") !== undefined;
    const bodiless = this.head.method === "HEAD" || status === 204 || status === 304;
    this.delimited = bodiless || sized || this.request.httpVersion !== "1.0";
    this.writer.head(status, sendableReason(reason), status === 204 ? withoutLength(headers) : headers);
  }

  inform({ status, reason, headers }: ResponseHead): void {
    const { socket } = this.response;
    // An interim answer may be dropped (RFC 9110, 15.2): HTTP/1.0 knows none, and behind a pipelined request
    // there is no connection to write it to yet.
    if (this.started || this.over || socket === null || this.request.httpVersion === "1.0") return;
    socket.write(rawHead(status, reason, headers), "latin1");
  }

  write(chunk: Uint8Array): boolean {
    if (this.over) return true;
    this.bytesOut += chunk.length;
    return this.writer.body(chunk);
  }

  onDrain(run: () => void): void {
    this.response.once("drain", run);
  }

  end(trailers: HeaderList): void {
    if (this.over) return;
    this.writer.end(trailers);
    this.finish();
  }

  cut(): void {
    if (this.over) return;
    this.over = true;
    this.deps.done();
    const { socket } = this.request;
    // Where only the connection's end ends the body, an orderly end would pass for a whole answer.
    // Under TLS that end would have to be announced, and a broken one passes for nothing.
    if (this.delimited || this.head.secure === true) socket.destroy();
    else socket.resetAndDestroy();
  }

  onClientGone(run: (why?: GoneWhy) => void): void {
    this.goneListeners.push(run);
  }

  awaitsBody(): boolean {
    const { head, request } = this;
    return head.hasBody && !request.complete && request.readableFlowing === true;
  }

  clientGone(why: GoneWhy = "left"): void {
    if (this.over) return;
    if (why === "left") this.over = true;
    else this.unread = true;
    for (const run of this.goneListeners) run(why);
  }

  private begin(): void {
    this.started = true;
    // A client that got no 100 may send its body or not: only a new connection is unambiguous.
    if (this.unread || this.deps.closing() || (this.expectsContinue && !this.accepted))
      this.response.shouldKeepAlive = false;
  }

  private finish(): void {
    const { request, response, deps } = this;
    if (this.over) return;
    this.over = true;
    if (request.complete || !response.shouldKeepAlive) return;
    request.resume();
    const { socket } = request;
    const cancel = deps.clock.after(LINGER_MS, () => socket.destroy());
    request.once("close", cancel);
  }
}

/** The same test by which node recognizes such a request. */
const expectsContinue = ({ httpVersion, headers }: IncomingMessage): boolean =>
  httpVersion === "1.1" && /(?:^|\W)100-continue(?:$|\W)/i.test(headers.expect ?? "");

const ignore = (): void => {};

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
