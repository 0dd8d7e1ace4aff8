/** Header fields as received and sent: name, value, name, value, ... Order, case and repeats are kept. */
export type HeaderList = readonly string[];

export interface RequestHead {
  readonly method: string;
  /** Origin-form request target: path and query, beginning with `/` (or `*`). */
  readonly target: string;
  /** Its version (`HTTP/1.0`); absent where there is no wire: `HTTP/1.1`. */
  readonly protocol?: string;
  /** The Host, lower case, without its port. */
  readonly host: string;
  readonly headers: HeaderList;
  /** The client's address. */
  readonly peer: string;
  /** Its port, where there are ports. */
  readonly peerPort?: number;
  /** Whether the client sends a body. Only a request without one can be sent twice. */
  readonly hasBody: boolean;
  /** It came over TLS that ends here. */
  readonly secure?: boolean;
  /** The protocols that may be switched to, a list (`websocket`), of an upgrade request that is to be forwarded; only on live edges. */
  readonly upgrade?: string;
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
}

/** Why nothing more is to be had from a client. */
export type GoneWhy = "left" | "malformed" | "slow";

/**
 * One request and its answer, seen from the balancer's core: live it is a node:http request and response,
 * simulated it is an object in memory. The core answers through it either by itself (`answer`) or by relaying
 * an upstream (`start`, `write`, `end`).
 */
export interface Exchange {
  readonly head: RequestHead;
  /** First value of a request header by its lower-case name. */
  header(name: string): string | undefined;
  /** True once the head of an answer has been given out: no other answer is possible then. */
  readonly started: boolean;
  /** Bytes of the answer's body given out so far, for the access log. */
  readonly bytesOut: number;
  /** A whole answer of the balancer's own. */
  answer(status: number, headers: HeaderList, body: string): void;
  /** The head of a relayed answer. */
  start(head: ResponseHead): void;
  /** An interim (1xx) head of a relayed answer. */
  inform(head: ResponseHead): void;
  /** A piece of a relayed body. False: the client is slow, wait for `onDrain`. */
  write(chunk: Uint8Array): boolean;
  onDrain(run: () => void): void;
  /** The regular end of a relayed answer. */
  end(trailers: HeaderList): void;
  /** Breaks the connection, so that the client cannot take a truncated answer for a whole one. */
  cut(): void;
  /**
   * Called once if the client leaves or its body comes too slowly before its answer has ended, or if it sends a body that
   * cannot be read before that has begun.
   */
  onClientGone(run: (why?: GoneWhy) => void): void;
  /** True while only the client's body is waited for: a part of it has not arrived, and the upstream takes it. Absent: never. */
  awaitsBody?(): boolean;
}

/** First value of a header by its lower-case name. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const field = headers[i];
    if (field !== undefined && field.length === name.length && field.toLowerCase() === name)
      return headers[i + 1];
  }
  return undefined;
}
