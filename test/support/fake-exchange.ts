import { headerValue, type Exchange, type HeaderList, type ResponseHead } from "../../lb/exchange.ts";

/** A client in memory: what it was given, and the means to leave. */
export interface FakeExchange extends Exchange {
  readonly status: number | undefined;
  readonly answerHeaders: HeaderList;
  readonly body: string;
  readonly informed: readonly ResponseHead[];
  /** How it ended; a second end throws. */
  readonly outcome: "answered" | "relayed" | "cut" | "left" | undefined;
  readonly trailers: HeaderList;
  /** The client leaves. */
  clientLeaves(): void;
}

export interface FakeRequest {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  readonly headers?: HeaderList;
  readonly peer?: string;
  readonly hasBody?: boolean;
  readonly upgrade?: string;
  readonly secure?: boolean;
}

export function createFakeExchange(request: FakeRequest = {}): FakeExchange {
  const host = request.host ?? "shop.test";
  const headers = ["Host", host, ...(request.headers ?? [])];
  let status: number | undefined;
  let answerHeaders: HeaderList = [];
  let body = "";
  let outcome: FakeExchange["outcome"];
  let trailers: HeaderList = [];
  let gone: (() => void) | undefined;
  const informed: ResponseHead[] = [];

  function settle(how: NonNullable<FakeExchange["outcome"]>) {
    if (outcome !== undefined) throw new Error(`a second outcome: ${how} after ${outcome}`);
    outcome = how;
  }

  function begin(code: number, fields: HeaderList) {
    if (status !== undefined || outcome !== undefined) throw new Error("a second head");
    status = code;
    answerHeaders = fields;
  }

  return {
    head: {
      method: request.method ?? "GET",
      target: request.target ?? "/",
      host,
      headers,
      peer: request.peer ?? "192.0.2.1",
      hasBody: request.hasBody ?? false,
      ...(request.upgrade === undefined ? {} : { upgrade: request.upgrade }),
      ...(request.secure === undefined ? {} : { secure: request.secure }),
    },
    header: (name) => headerValue(headers, name),
    get started() {
      return status !== undefined;
    },
    get bytesOut() {
      return body.length;
    },
    answer(code, fields, text) {
      begin(code, fields);
      body = text;
      settle("answered");
    },
    start: (head) => begin(head.status, head.headers),
    inform: (head) => void informed.push(head),
    write(chunk) {
      body += Buffer.from(chunk).toString();
      return true;
    },
    onDrain: () => {},
    end(fields) {
      trailers = fields;
      settle("relayed");
    },
    cut: () => settle("cut"),
    onClientGone: (run) => void (gone = run),
    get status() {
      return status;
    },
    get answerHeaders() {
      return answerHeaders;
    },
    get body() {
      return body;
    },
    informed,
    get outcome() {
      return outcome;
    },
    get trailers() {
      return trailers;
    },
    clientLeaves() {
      settle("left");
      gone?.();
    },
  };
}
