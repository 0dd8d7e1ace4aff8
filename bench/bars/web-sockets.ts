import { once } from "node:events";
import { WebSocket } from "ws";
import { every, type Clock } from "../../runtime/clock.ts";

/** WebSockets that send a message now and then, and count its echoes. */
export interface TalkingSockets {
  /** Closed by the other side. */
  readonly closed: number;
  readonly sent: number;
  readonly echoed: number;
  /** Sends no more. */
  pause(): void;
  close(): Promise<void>;
}

const ECHO_MS = 100;

/** Resolves once all are open; rejects when one of them cannot be opened. */
export async function talk(clock: Clock, port: number, count: number): Promise<TalkingSockets> {
  const sockets = Array.from({ length: count }, () => new WebSocket(`ws://127.0.0.1:${port}/`));
  await Promise.all(sockets.map((socket) => once(socket, "open")));
  let [closed, sent, echoed] = [0, 0, 0];
  let closing = false;
  for (const socket of sockets) {
    socket.on("message", () => (echoed += 1));
    socket.on("error", () => {});
    socket.on("close", () => {
      if (!closing) closed += 1;
    });
  }
  const pause = every(clock, ECHO_MS, () => {
    for (const socket of sockets) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      sent += 1;
      socket.send("are you there?");
    }
  });
  return {
    get closed() {
      return closed;
    },
    get sent() {
      return sent;
    },
    get echoed() {
      return echoed;
    },
    pause,
    async close() {
      pause();
      closing = true;
      const open = sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED);
      const gone = open.map((socket) => once(socket, "close"));
      for (const socket of open) socket.close();
      await Promise.all(gone);
    },
  };
}
