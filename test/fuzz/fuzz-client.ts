import { connect } from "node:net";
import { systemClock } from "../../runtime/clock.ts";
import { systemCode } from "../../runtime/errors.ts";
import type { Ending } from "./corpus.ts";

/** What became of a client's connection. */
export interface Spoken {
  readonly received: string;
  /** `never`: it was still open at the deadline. */
  readonly end: "ended" | "reset" | "never" | "refused";
}

/** Within this the balancer has to end every connection by itself. */
const DEADLINE_MS = 15_000;

/** Sends pieces, one after the other as each has left, does with the connection what `ending` says, and waits for its end. */
export function speak(port: number, pieces: readonly string[], ending: Ending): Promise<Spoken> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    let received = "";
    let end: Spoken["end"] = "ended";
    const cancel = systemClock.after(DEADLINE_MS, () => {
      end = "never";
      socket.destroy();
    });
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    socket.on("end", () => socket.end());
    socket.on("error", (error) => (end = systemCode(error) === "ECONNREFUSED" ? "refused" : "reset"));
    socket.on("close", () => {
      cancel();
      resolve({ received, end });
    });
    const send = (left: readonly string[]) => {
      if (socket.destroyed) return;
      const [piece, ...rest] = left;
      if (piece !== undefined) return void socket.write(piece, "latin1", () => setImmediate(send, rest));
      if (ending === "end") socket.end();
      else if (ending === "reset") socket.resetAndDestroy();
    };
    socket.once("connect", () => send(pieces));
  });
}
