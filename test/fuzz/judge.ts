import { readAnswers } from "../conformance/wire/strict-answer.ts";
import { readRequest, type SeenRequest } from "../conformance/wire/strict-request.ts";
import type { FuzzInput } from "./corpus.ts";
import type { Spoken } from "./fuzz-client.ts";

/** The requests in a client's bytes, if every byte of them belongs to one with a single reading. */
export function meantBy(bytes: string): readonly SeenRequest[] | undefined {
  const requests: SeenRequest[] = [];
  for (let rest = bytes; rest !== "";) {
    const reading = readRequest(rest);
    if (reading.kind !== "whole") return undefined;
    requests.push(reading.message);
    rest = reading.rest;
  }
  return requests;
}

/** What is wrong with the handling of a client's bytes; `taken` are the requests with its mark that an upstream got. */
export function faultOfRequest(
  { bytes }: FuzzInput,
  { received, end }: Spoken,
  taken: readonly SeenRequest[],
): string | undefined {
  if (end === "refused") return "the balancer accepts no connections";
  if (end === "never") return "its connection was never closed";
  const meant = meantBy(bytes);
  if (!meant) return undefined;
  const key = ({ method, target, body }: SeenRequest) => `${method} ${target} ${body}`;
  const left = meant.map(key);
  for (const request of taken) {
    const at = left.indexOf(key(request));
    if (at === -1) return `an upstream got ${JSON.stringify(key(request))}, which its client did not send`;
    left.splice(at, 1);
  }
  const { wrong } = readAnswers(
    received,
    meant.map(({ method }) => method),
    end === "ended",
  );
  return wrong === undefined ? undefined : `its client got what it cannot read: ${wrong}`;
}

/** What is wrong with what a client got of an upstream's bytes. */
export function faultOfAnswer(
  input: FuzzInput & { readonly from: "upstream" },
  { received, end }: Spoken,
): string | undefined {
  if (end === "refused") return "the balancer accepts no connections";
  if (end === "never") return "its connection was never closed";
  const { answers, wrong } = readAnswers(received, [input.method], end === "ended");
  if (wrong !== undefined) return `its client got what it cannot read: ${wrong}`;
  const [got] = answers;
  if (!got || got.fields.some(([name]) => name === "x-balancer-flag")) return undefined;
  const sent = readAnswers(input.bytes, [input.method], input.ending === "end");
  const [reported] = sent.answers;
  // A parser may read what the strict one does not; then there is nothing to compare with.
  if (sent.wrong !== undefined && !reported) return undefined;
  // A reset that comes together with the bytes before it, the only sign of a cut in HTTP/1.0, libuv takes for an end.
  if (!reported && input.version === "1.0") return undefined;
  if (!reported) {
    // A body delimited by the connection's end cannot be distinguished from one cut together with its last bytes.
    const [head = ""] = sent.unfinished.split("\r\n\r\n", 1);
    const delimited = /^(content-length|transfer-encoding):/im.test(head);
    return delimited ? "its client took an answer for whole that was not" : undefined;
  }
  return reported.status === got.status && reported.body === got.body
    ? undefined
    : "its client got another answer";
}
