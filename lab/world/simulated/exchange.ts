import type { AnswerFacts } from "../../../runtime/answer-facts.ts";
import {
  headerValue,
  type Exchange,
  type GoneWhy,
  type HeaderList,
  type RequestHead,
  type ResponseHead,
} from "../../../lb/exchange.ts";
import type { Incoming, WireBody } from "./network.ts";

/** One request in memory. Its answer is sent whole, at its end: small ones fit into one packet. */
export interface SimulatedExchange extends Exchange {
  readonly requestBody: string | undefined;
  /** The whole body of a relayed answer. */
  relay(answer: WireBody): void;
}

const PEER = "127.0.0.1";
const NO_FIELDS: HeaderList = [];

export const createSimulatedExchange = (incoming: Incoming): SimulatedExchange =>
  new ExchangeInMemory(incoming);

// A class, since every request has one; plain fields, not getters: the core reads them again and again.
class ExchangeInMemory implements SimulatedExchange {
  readonly head: RequestHead;
  readonly requestBody: string | undefined;
  started = false;
  bytesOut = 0;
  private readonly incoming: Incoming;
  private status = 0;
  private fields: HeaderList = NO_FIELDS;
  private body = "";
  private said: AnswerFacts | undefined = undefined;

  constructor(incoming: Incoming) {
    const { method, target, headers, body } = incoming.request;
    this.head = {
      method,
      target,
      host: hostOf(headerValue(headers, "host") ?? ""),
      headers,
      peer: PEER,
      hasBody: body !== undefined,
    };
    this.requestBody = body;
    this.incoming = incoming;
  }

  header(name: string): string | undefined {
    return headerValue(this.head.headers, name);
  }

  answer(status: number, headers: HeaderList, body: string): void {
    this.started = true;
    this.bytesOut = body.length;
    this.incoming.answer({ status, headers, body, said: undefined });
  }

  start(head: ResponseHead): void {
    this.started = true;
    this.status = head.status;
    this.fields = head.headers;
  }

  inform(): void {}

  relay({ body, said }: WireBody): void {
    this.body = body;
    this.said = said;
    this.bytesOut = body.length;
  }

  write(chunk: Uint8Array): boolean {
    this.relay({ body: this.body + new TextDecoder().decode(chunk), said: undefined });
    return true;
  }

  onDrain(): void {}

  end(): void {
    const { status, fields: headers, body, said } = this;
    this.incoming.answer({ status, headers, body, said });
  }

  cut(): void {
    this.incoming.cut();
  }

  onClientGone(run: (why?: GoneWhy) => void): void {
    this.incoming.onGone(run);
  }
}

function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(":");
  return (colon < 0 ? authority : authority.slice(0, colon)).toLowerCase();
}
