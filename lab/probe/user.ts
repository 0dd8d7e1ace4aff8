import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { Requester } from "./requester.ts";
import type { ProbeConfig } from "./config.ts";
import type { Ledger } from "./ledger.ts";
import { createLogin, sessionCookie } from "./login.ts";
import { scheduleVisits } from "./schedule.ts";

export interface UserDeps {
  readonly clock: Clock;
  /** This user's own. */
  readonly random: Random;
  readonly requester: Requester;
  readonly ledger: Ledger;
}

/**
 * One user, visiting for ever whatever the answers: a page, and every second time the account while there is a session.
 * Returns a function that stops the user.
 */
export function startUser(index: number, config: ProbeConfig, deps: UserDeps): () => void {
  const { clock, random, requester, ledger } = deps;
  const name = `${config.users.prefix}${index}`;
  // Streams of their own: what the service answers never shifts when or where a user comes next.
  const pageRandom = random.fork("pages");
  const login =
    config.login &&
    createLogin(
      { index, name },
      { ...config.login, timeoutMs: config.timeoutMs },
      {
        clock,
        random: random.fork("login"),
        requester,
        ledger,
      },
    );
  if (config.login)
    login?.begin((config.login.rampMs * (index + 0.5)) / config.users.count, config.login.sessions?.[index]);
  // Half of them begin with the account: else the first round of visits would have none to it.
  let visits = index % 2;
  const cancelVisits = scheduleVisits(config.visitEveryMs, { clock, random: random.fork("visits") }, visit);
  return () => {
    cancelVisits();
    login?.stop();
  };

  function visit() {
    visits += 1;
    const page = pageOf(config, pageRandom);
    const session = login?.session();
    const route = session !== undefined && visits % 2 === 0 ? "account" : "page";
    const sentAt = clock.wall();
    const ticket = ledger.open(sentAt);
    requester.request(
      {
        route,
        userName: name,
        timeoutMs: config.timeoutMs,
        to: "service",
        method: "GET",
        path: route === "account" ? "/account" : page,
        cookie: session === undefined ? `user=${name}` : sessionCookie(name, session),
        body: undefined,
      },
      ({ result, status, backend, flag, durationMs }) => {
        ledger.close(ticket, { sentAt, user: index, route, result, status, backend, flag, durationMs });
        if (session !== undefined && result === "ok" && status === 401) login?.lost(session);
      },
    );
  }
}

function pageOf({ pages, catalogue }: ProbeConfig, random: Random): string {
  if (catalogue) return `${catalogue.prefix}${random.below(catalogue.count)}`;
  return pages[random.below(pages.length)] ?? "/";
}
