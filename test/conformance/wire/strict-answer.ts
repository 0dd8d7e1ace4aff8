import {
  framingOf,
  readBody,
  readSection,
  shown,
  valuesOf,
  wrong,
  type Fields,
  type Reading,
} from "./message.ts";

/** An answer as a client got it. */
export interface SeenAnswer {
  readonly status: number;
  readonly fields: Fields;
  readonly body: string;
  readonly trailers: Fields;
  /** Statuses of the interim answers before it. */
  readonly interim: readonly number[];
}

export interface AnswersSeen {
  readonly answers: readonly SeenAnswer[];
  /** An answer that has begun and not ended; empty when there is none. */
  readonly unfinished: string;
  /** What no client could read, if there is such a thing. */
  readonly wrong: string | undefined;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads all that a client received as the answers to requests of these methods, in their order. `ended`: the connection
 * ended in an orderly way, which ends a body that nothing else delimits. Bytes that answer no request are wrong.
 */
export function readAnswers(received: string, methods: readonly string[], ended: boolean): AnswersSeen {
  const answers: SeenAnswer[] = [];
  let rest = received;
  for (const method of methods) {
    if (rest === "") break;
    const reading = readAnswer(rest, method, ended);
    if (reading.kind === "wrong") return { answers, unfinished: rest, wrong: reading.why };
    if (reading.kind === "more") return { answers, unfinished: rest, wrong: undefined };
    answers.push(reading.message);
    rest = reading.rest;
    // What follows a switch is another protocol's.
    if (reading.message.status === 101) return { answers, unfinished: "", wrong: undefined };
  }
  return {
    answers,
    unfinished: "",
    wrong: rest === "" ? undefined : `bytes that answer nothing: ${shown(rest)}`,
  };
}

function readAnswer(text: string, method: string, ended: boolean): Reading<SeenAnswer> {
  const interim: number[] = [];
  for (let rest = text; ;) {
    const head = readSection(rest, true);
    if (head.kind !== "whole") return head;
    const { startLine, fields } = head.message;
    const status = Number(STATUS_LINE.exec(startLine)?.[1]);
    if (Number.isNaN(status)) return wrong(`no status line: ${shown(startLine)}`);
    if (valuesOf(fields, "connection").some((value) => !/^(keep-alive|close|upgrade)$/i.test(value)))
      return wrong("Connection names what is not ours");
    const framed =
      valuesOf(fields, "content-length").length + valuesOf(fields, "transfer-encoding").length > 0;
    // RFC 9110, 8.6, and RFC 9112, 6.1.
    if (framed && (status < 200 || status === 204)) return wrong(`a ${status} that is framed`);
    if (status < 200 && status !== 101) {
      interim.push(status);
      rest = head.rest;
      continue;
    }
    const whole = (body: string, trailers: Fields, left: string): Reading<SeenAnswer> => ({
      kind: "whole",
      message: { status, fields, body, trailers, interim },
      rest: left,
    });
    const framing = framingOf(fields);
    if (framing.by === "wrong") return wrong(framing.why);
    if (status === 101 || status === 204 || status === 304 || method === "HEAD")
      return whole("", [], head.rest);
    if (framing.by === "nothing") return ended ? whole(head.rest, [], "") : { kind: "more" };
    const body = readBody(head.rest, framing);
    return body.kind === "whole" ? whole(body.message.body, body.message.trailers, body.rest) : body;
  }
}
