import { headerValue } from "../../lb/exchange.ts";
import type { Transport } from "../../lb/transport/transport.ts";
import type { SimulatedExchange } from "../../lab/world/simulated/exchange.ts";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import { PIECES_HEADER } from "./backend.ts";

interface Pieces {
  readonly count: number;
  readonly gapMs: number;
  readonly breaksAfter: number | undefined;
}

/**
 * The simulated transport with what only live engines have: bodies that come in pieces, or break off, and connections that
 * were used before, which every second request to a port finds. The core cannot see that there are no real ones.
 */
export function createTricklingTransport(
  inner: Transport<SimulatedExchange>,
  clock: Clock,
): Transport<SimulatedExchange> {
  const sent = new Map<number, number>();
  return {
    ...inner,
    send(target, exchange, headers, events) {
      const turn = (sent.get(target.port) ?? 0) + 1;
      sent.set(target.port, turn);
      const reused = turn % 2 === 0;
      let pieces: Pieces | undefined;
      let stop: Cancel | undefined;

      function trickle(left: number, moved: number): void {
        if (pieces && moved === pieces.breaksAfter)
          return events.fail({
            kind: "reset",
            requestSent: true,
            bodyConsumed: exchange.head.hasBody,
            reused,
            headReceived: true,
            detail: "broken off",
          });
        if (!pieces || left === 0) return events.end([]);
        stop = clock.after(pieces.gapMs, () => {
          events.progress();
          trickle(left - 1, moved + 1);
        });
      }

      const attempt = inner.send(target, exchange, headers, {
        ...events,
        connected: () => events.connected(reused),
        head(head) {
          pieces = piecesOf(headerValue(head.headers, PIECES_HEADER));
          return events.head(head);
        },
        end: () => trickle(pieces?.count ?? 0, 0),
        fail: (failure) => events.fail({ ...failure, reused }),
      });
      return {
        abort() {
          stop?.();
          attempt.abort();
        },
      };
    },
  };
}

function piecesOf(text: string | undefined): Pieces | undefined {
  if (text === undefined) return undefined;
  const [count = 0, gapMs = 0, breaksAfter] = text.split(" ").map(Number);
  return { count, gapMs, breaksAfter };
}
