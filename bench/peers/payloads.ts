/** One request of the measurement, as it goes over the wire again and again, and the body that must come back. */
export interface Payload {
  readonly name: string;
  readonly request: Buffer;
  readonly requestBody: Buffer;
  readonly answerBody: Buffer;
}

/** Printable and without a period that a buffer's size could hide in. */
const filler = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, i) => 33 + ((i * 7 + (i >> 8)) % 89)));

function payload(name: string, path: string, requestBody: Buffer, answerBody: Buffer): Payload {
  const method = requestBody.length > 0 ? "POST" : "GET";
  const length = requestBody.length > 0 ? `Content-Length: ${requestBody.length}\r\n` : "";
  const head =
    `${method} ${path} HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: lblab-bench\r\nAccept: */*\r\n` +
    `Accept-Encoding: gzip\r\n${length}\r\n`;
  return { name, request: Buffer.concat([Buffer.from(head), requestBody]), requestBody, answerBody };
}

export const PAYLOADS: ReadonlyMap<string, Payload> = new Map(
  [
    payload("1 KB GET", "/1k", Buffer.alloc(0), filler(1024)),
    payload("64 KB GET", "/64k", Buffer.alloc(0), filler(64 * 1024)),
    payload("16 KB POST", "/post", filler(16 * 1024), Buffer.from("taken")),
  ].map((one) => [one.name, one]),
);

export function payloadNamed(name: string): Payload {
  const found = PAYLOADS.get(name);
  if (!found) throw new Error(`there is no payload ${name}`);
  return found;
}
