import {
  headerValue,
  type Exchange,
  type GoneWhy,
  type HeaderList,
  type ResponseHead,
} from "../../../lb/exchange.ts";
import type { Incoming } from "./network.ts";

/**
 * One request in memory. Its answer is sent whole, at its end: small ones fit into one packet. Its functions are shared by
 * all, and are to be called on it.
 */
export interface SimulatedExchange extends Exchange {
  readonly requestBody: string | undefined;
  /** A piece of a relayed body, as text. */
  relay(text: string): void;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface State extends Writable<SimulatedExchange> {
  readonly incoming: Incoming;
  status: number;
  fields: HeaderList;
  body: string;
}

const PEER = "127.0.0.1";
const NO_FIELDS: HeaderList = [];

export function createSimulatedExchange(incoming: Incoming): SimulatedExchange {
  const { method, target, headers, body: requestBody } = incoming.request;
  // Plain fields, not getters: V8 makes a separate hidden class for each literal with getters.
  const self: State = {
    head: {
      method,
      target,
      host: hostOf(headerValue(headers, "host") ?? ""),
      headers,
      peer: PEER,
      hasBody: requestBody !== undefined,
    },
    requestBody,
    started: false,
    bytesOut: 0,
    header,
    answer,
    start,
    inform: nothing,
    relay,
    write,
    onDrain: nothing,
    end,
    cut,
    onClientGone,
    incoming,
    status: 0,
    fields: NO_FIELDS,
    body: "",
  };
  return self;
}

function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(":");
  return (colon < 0 ? authority : authority.slice(0, colon)).toLowerCase();
}

function header(this: State, name: string): string | undefined {
  return headerValue(this.head.headers, name);
}

function answer(this: State, status: number, headers: HeaderList, body: string): void {
  this.started = true;
  this.bytesOut = body.length;
  this.incoming.answer({ status, headers, body });
}

function start(this: State, head: ResponseHead): void {
  this.started = true;
  this.status = head.status;
  this.fields = head.headers;
}

function relay(this: State, text: string): void {
  this.body += text;
  this.bytesOut = this.body.length;
}

function write(this: State, chunk: Uint8Array): boolean {
  this.relay(new TextDecoder().decode(chunk));
  return true;
}

function end(this: State): void {
  this.incoming.answer({ status: this.status, headers: this.fields, body: this.body });
}

function cut(this: State): void {
  this.incoming.cut();
}

function onClientGone(this: State, run: (why?: GoneWhy) => void): void {
  this.incoming.onGone(run);
}

const nothing = (): void => {};
