import { headerValue, type Exchange, type HeaderList } from "../../../lb/exchange.ts";
import type { Incoming } from "./network.ts";

/** One request in memory. Its answer goes out whole, at its end: what is small fits into one packet. */
export interface SimulatedExchange extends Exchange {
  readonly requestBody: string | undefined;
  /** A piece of a relayed body, as text. */
  relay(text: string): void;
}

const PEER = "127.0.0.1";

export function createSimulatedExchange({ request, answer, cut, onGone }: Incoming): SimulatedExchange {
  const { method, target, headers, body: requestBody } = request;
  const authority = headerValue(headers, "host") ?? "";
  const colon = authority.lastIndexOf(":");
  let status = 0;
  let fields: HeaderList = [];
  let body = "";
  // Plain fields, not getters: V8 makes a hidden class of its own for each literal that has some.
  const self: { -readonly [Key in keyof SimulatedExchange]: SimulatedExchange[Key] } = {
    head: {
      method,
      target,
      host: (colon < 0 ? authority : authority.slice(0, colon)).toLowerCase(),
      headers,
      peer: PEER,
      hasBody: requestBody !== undefined,
    },
    requestBody,
    started: false,
    bytesOut: 0,
    header: (name) => headerValue(headers, name),
    answer(code, given, text) {
      self.started = true;
      self.bytesOut = text.length;
      answer({ status: code, headers: given, body: text });
    },
    start(head) {
      self.started = true;
      status = head.status;
      fields = head.headers;
    },
    inform: nothing,
    relay(text) {
      body += text;
      self.bytesOut = body.length;
    },
    write(chunk) {
      self.relay(new TextDecoder().decode(chunk));
      return true;
    },
    onDrain: nothing,
    end: () => answer({ status, headers: fields, body }),
    cut,
    onClientGone: onGone,
  };
  return self;
}

const nothing = (): void => {};
