import type { ServerResponse } from "node:http";
import type { HeaderList } from "../../exchange.ts";

/** With its head it stays within the 16 KB for which node needs no memory beside the stack. */
const LARGEST_HELD_BYTES = 12 * 1024;

/**
 * Writes a relayed answer. One that is small and there at once leaves as a single string: node would hand the system a
 * list of a head, a body and an empty piece, which costs several times as much. A class: every request has one.
 */
export class AnswerWriter {
  private readonly response: ServerResponse;
  /** Nothing has left yet, not even the head. */
  private gathering = false;
  private held: Uint8Array | undefined = undefined;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  head(status: number, reason: string, headers: HeaderList): void {
    this.response.writeHead(status, reason, headers as string[]);
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
    this.gathering = false;
    return this.response.write(chunk);
  }

  end(trailers: HeaderList): void {
    const { response, held } = this;
    this.gathering = false;
    if (trailers.length > 0) response.addTrailers(pairsOf(trailers));
    if (held === undefined) return void response.end();
    // In latin1 each byte is a character: what goes in comes out.
    const text = Buffer.from(held.buffer, held.byteOffset, held.length).toString("latin1");
    if (response.chunkedEncoding) return void response.end(text, "latin1");
    // Written before the end, and without node's own wait for more to come.
    response.cork();
    response.write(text, "latin1");
    response.uncork();
    response.end();
  }

  /** A head alone, or with the beginning of a body, must not wait for the rest. */
  private flush(): void {
    const { response, held } = this;
    if (!this.gathering || response.destroyed) return;
    this.gathering = false;
    if (held === undefined) response.flushHeaders();
    else response.write(held);
    this.held = undefined;
  }
}

function pairsOf(fields: HeaderList): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i] ?? "", fields[i + 1] ?? ""]);
  return pairs;
}

/** Its callbacks run as soon as the engine has handed over all that it has now. */
const SETTLED = Promise.resolve();
