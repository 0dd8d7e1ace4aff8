import type { ServerResponse } from "node:http";
import type { HeaderList } from "../../exchange.ts";

/**
 * Writes a relayed answer. One that is small and there at once leaves as a single string: node would hand the system a
 * list of a head, a body and an empty piece, which costs several times as much.
 */
export interface AnswerWriter {
  head(status: number, reason: string, headers: HeaderList): void;
  /** False: wait for the response's `drain`. */
  body(chunk: Uint8Array): boolean;
  end(trailers: HeaderList): void;
}

/** With its head it stays within the 16 KB for which node needs no memory beside the stack. */
const LARGEST_HELD_BYTES = 12 * 1024;

export function createAnswerWriter(response: ServerResponse): AnswerWriter {
  /** Nothing has left yet, not even the head. */
  let gathering = false;
  let held: Uint8Array | undefined;

  /** A head alone, or with the beginning of a body, must not wait for the rest. */
  function flush() {
    if (!gathering || response.destroyed) return;
    gathering = false;
    if (held === undefined) response.flushHeaders();
    else response.write(held);
    held = undefined;
  }

  return {
    head(status, reason, headers) {
      response.writeHead(status, reason, headers as string[]);
      gathering = true;
      void SETTLED.then(flush);
    },
    body(chunk) {
      if (gathering && held === undefined && chunk.length <= LARGEST_HELD_BYTES) {
        held = chunk;
        return true;
      }
      if (held !== undefined) flush();
      // A head that has not left yet leaves together with it.
      gathering = false;
      return response.write(chunk);
    },
    end(trailers) {
      gathering = false;
      if (trailers.length > 0) {
        const pairs: [string, string][] = [];
        for (let i = 0; i < trailers.length; i += 2) pairs.push([trailers[i] ?? "", trailers[i + 1] ?? ""]);
        response.addTrailers(pairs);
      }
      if (held === undefined) return void response.end();
      // In latin1 each byte is a character: what goes in comes out.
      const text = Buffer.from(held.buffer, held.byteOffset, held.length).toString("latin1");
      if (response.chunkedEncoding) return void response.end(text, "latin1");
      // Written before the end, and without node's own wait for more to come.
      response.cork();
      response.write(text, "latin1");
      response.uncork();
      response.end();
    },
  };
}

/** What hangs on it runs as soon as the engine has handed over all that it has now. */
const SETTLED = Promise.resolve();
