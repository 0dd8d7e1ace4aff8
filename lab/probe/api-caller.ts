import { every, type Clock } from "../../runtime/clock.ts";
import type { Requester } from "./requester.ts";
import type { Ledger } from "./ledger.ts";
import { NOBODY } from "./record.ts";

/** Calls the dependent API at a steady rate, whatever it answers. Returns a function that stops it. */
export function startApiCaller(
  config: { readonly perSecond: number; readonly timeoutMs: number },
  deps: { readonly clock: Clock; readonly requester: Requester; readonly ledger: Ledger },
): () => void {
  const { clock, requester, ledger } = deps;
  return every(clock, 1000 / config.perSecond, () => {
    const sentAt = clock.wall();
    const ticket = ledger.open(sentAt);
    requester.request(
      {
        route: "api",
        userName: undefined,
        timeoutMs: config.timeoutMs,
        to: "api",
        method: "GET",
        path: "/orders",
        cookie: undefined,
        body: undefined,
      },
      ({ result, status, backend, flag, durationMs }) =>
        ledger.close(ticket, {
          sentAt,
          user: NOBODY,
          route: "api",
          result,
          status,
          backend,
          flag,
          durationMs,
        }),
    );
  });
}
