import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import { startApiCaller } from "./api-caller.ts";
import { createRequester } from "./requester.ts";
import type { ProbeConfig } from "./config.ts";
import type { Ledger } from "./ledger.ts";
import type { Proving } from "./proving.ts";
import type { Send } from "./request.ts";
import { startUser } from "./user.ts";

export interface PopulationDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: Send;
  readonly ledger: Ledger;
  /** Absent: any answer that carries the nonce back is accepted. */
  readonly proving?: Proving | undefined;
}

/**
 * Starts all users, and the calls of the dependent API. The same code runs on sockets and in virtual time: only `send` and
 * `clock` differ. Returns a function that stops all of them and drops what is in flight.
 */
export function startPopulation(config: ProbeConfig, deps: PopulationDeps): () => void {
  const { clock, random, send, ledger, proving } = deps;
  const requester = createRequester({ clock, random: random.fork("nonce"), send, proving });
  const stops: (() => void)[] = [];
  for (let index = 0; index < config.users.count; index++)
    stops.push(startUser(index, config, { clock, random: random.fork(`user/${index}`), requester, ledger }));
  if (config.api)
    stops.push(
      startApiCaller(
        { perSecond: config.api.perSecond, timeoutMs: config.timeoutMs },
        { clock, requester, ledger },
      ),
    );
  return () => {
    for (const stop of stops) stop();
    requester.stop();
  };
}
