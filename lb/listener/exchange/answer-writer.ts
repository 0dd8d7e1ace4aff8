import type { ServerResponse } from "node:http";
import type { HeaderList } from "../../exchange.ts";
import { isFieldText, isToken } from "../../transport/field-syntax.ts";

/** With its head it stays within the 16 KB for which node needs no memory beside the stack. */
const LARGEST_HELD_BYTES = 12 * 1024;

/** What a writer knows of the connection that its answer goes to. */
export interface AnswerConnection {
  /** What its client was promised to be able to idle for; 0: nothing. */
  readonly idleMs: number;
  /** Whether a whole answer to this request may go straight to the connection: of HTTP/1.1, and neither to a HEAD nor to an upgrade. */
  readonly plain: boolean;
}

/**
 * Writes a relayed answer. One that is small and there at once leaves as a single string, straight to its connection: node's
 * own way (every field checked again, an empty end, ticks for both) takes 5 % more of a request's processor time. All others go
 * node's way. A class: every request has one.
 */
export class AnswerWriter {
  private readonly response: ServerResponse;
  private readonly connection: AnswerConnection;
  private status = 0;
  private reason = "";
  private headers: HeaderList = NO_FIELDS;
  /** Nothing has left yet, not even the head, and node does not have it. */
  private gathering = false;
  private held: Uint8Array | undefined = undefined;

  constructor(response: ServerResponse, connection: AnswerConnection) {
    this.response = response;
    this.connection = connection;
  }

  head(status: number, reason: string, headers: HeaderList): void {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
    this.gathering = true;
    void SETTLED.then(() => this.flush());
  }

  /** False: wait for the response's `drain`. */
  body(chunk: Uint8Array): boolean {
    if (this.gathering && this.held === undefined && chunk.length <= LARGEST_HELD_BYTES) {
      this.held = chunk;
      return true;
    }
    if (this.held !== undefined) this.flush();
    // A head that has not left yet leaves together with it.
    this.handHead();
    return this.response.write(chunk);
  }

  end(trailers: HeaderList): void {
    const { response, held } = this;
    if (trailers.length === 0 && this.gathering && this.sendsWhole()) return;
    this.handHead();
    if (trailers.length > 0) response.addTrailers(pairsOf(trailers));
    if (held === undefined) return void response.end();
    const text = latin1(held);
    if (response.chunkedEncoding) return void response.end(text, "latin1");
    // Written before the end, and without node's own wait for more to come.
    response.cork();
    response.write(text, "latin1");
    response.uncork();
    response.end();
  }

  /**
   * Sends what is held as the whole answer, if it is one whose length its head has, on a connection that is kept and that is
   * this answer's turn. To node's server, `finish` is all that an answer has to emit.
   */
  private sendsWhole(): boolean {
    const { response, connection, held } = this;
    const { socket } = response;
    if (!connection.plain || !response.shouldKeepAlive || socket?.writable !== true) return false;
    if (!response.req.complete || this.status === 204 || this.status === 304) return false;
    const head = wholeHead(this.status, this.reason, this.headers, held?.length ?? 0);
    if (head === undefined) return false;
    this.gathering = false;
    const idle =
      connection.idleMs === 0 ? "" : `Keep-Alive: timeout=${Math.floor(connection.idleMs / 1000)}\r\n`;
    const body = held === undefined ? "" : latin1(held);
    socket.write(`${head}Connection: keep-alive\r\n${idle}\r\n${body}`, "latin1", () =>
      response.emit("finish"),
    );
    return true;
  }

  /** A head alone, or with the beginning of a body, must not wait for the rest. */
  private flush(): void {
    const { response, held } = this;
    if (!this.gathering || response.destroyed) return;
    this.handHead();
    if (held === undefined) response.flushHeaders();
    else response.write(held);
    this.held = undefined;
  }

  /** Gives node the head, if it does not have it. */
  private handHead(): void {
    if (!this.gathering) return;
    this.gathering = false;
    this.response.writeHead(this.status, this.reason, this.headers as string[]);
  }
}

const NO_FIELDS: HeaderList = [];

/** In latin1 each byte is a character: what goes in comes out. */
const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString("latin1");

const LENGTH_NAME = "content-length";

/**
 * The head of an answer whose body has `length` bytes, without its last lines. Undefined: it does not say that length once, or
 * has something that node refuses to send. Fields of one connection, by which node frames an answer, are not among `headers`.
 */
function wholeHead(status: number, reason: string, headers: HeaderList, length: number): string | undefined {
  let sized = false;
  let text = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    if (!isToken(name) || !isFieldText(value)) return undefined;
    if (name.length === LENGTH_NAME.length && name.toLowerCase() === LENGTH_NAME) {
      if (sized || value !== String(length)) return undefined;
      sized = true;
    }
    text += `${name}: ${value}\r\n`;
  }
  return sized ? text : undefined;
}

function pairsOf(fields: HeaderList): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i] ?? "", fields[i + 1] ?? ""]);
  return pairs;
}

/** Its callbacks run as soon as the engine has handed over all that it has now. */
const SETTLED = Promise.resolve();
