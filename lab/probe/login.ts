import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { Requester, Judged } from "./requester.ts";
import type { ProbeConfig } from "./config.ts";
import type { Ledger } from "./ledger.ts";

/** A user's session: made by logging in, retried until it succeeds, ended when the service no longer knows it. */
export interface Login {
  /** The cookie's value while there is a session. */
  session(): string | undefined;
  /** Logs in after this many milliseconds, or goes on with the session that there is. */
  begin(afterMs: number, existing: string | undefined): void;
  /** The service no longer knows this session: logs in again at once, unless that has happened already. */
  lost(session: string): void;
  stop(): void;
}

export interface LoginDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly requester: Requester;
  readonly ledger: Ledger;
}

export function createLogin(
  user: { readonly index: number; readonly name: string },
  config: NonNullable<ProbeConfig["login"]> & { readonly timeoutMs: number },
  deps: LoginDeps,
): Login {
  const { clock, random, requester, ledger } = deps;
  let session: string | undefined;
  let cancel: Cancel = () => {};
  let pauseMs = config.retryEveryMs;
  return {
    // No getter: V8 makes a hidden class of its own for each object that has one, and there are thousands.
    session: () => session,
    begin(afterMs, existing) {
      session = existing;
      if (session === undefined) cancel = clock.after(afterMs, attempt);
    },
    lost(which) {
      if (which !== session) return;
      session = undefined;
      attempt();
    },
    stop: () => cancel(),
  };

  function attempt() {
    const sentAt = clock.wall();
    const ticket = ledger.open(sentAt);
    const retryAt = clock.now() + pauseMs * (1 + config.retryJitter * (2 * random.next() - 1));
    requester.request(
      {
        route: "login",
        userName: user.name,
        timeoutMs: config.patienceMs,
        to: "service",
        method: "POST",
        path: "/login",
        cookie: `user=${user.name}`,
        body: JSON.stringify({ user: user.name }),
      },
      (judged) => {
        if (judged.result === "ok" && judged.session !== undefined) readBack(judged, judged.session);
        else {
          close(judged);
          retry();
        }
      },
    );

    /** A login has succeeded when the account can be read with it. */
    function readBack(given: Judged, token: string) {
      requester.request(
        {
          route: "account",
          userName: user.name,
          timeoutMs: config.timeoutMs,
          to: "service",
          method: "GET",
          path: "/account",
          cookie: sessionCookie(user.name, token),
          body: undefined,
        },
        (seen) => {
          const readable = seen.result === "ok" && seen.status === 200;
          // A user waits for the login's own answer; the reading back is the prober's.
          const result = seen.result === "unproved" ? seen.result : "wrong";
          close(readable ? given : { ...seen, result, durationMs: given.durationMs });
          // Only the service's own refusal ends a session; a user who merely got an error keeps the cookie.
          if (seen.result === "wrong" || (seen.result === "ok" && !readable)) retry();
          else {
            session = token;
            pauseMs = config.retryEveryMs;
          }
        },
      );
    }

    function close({ result, status, backend, flag, durationMs }: Judged) {
      ledger.close(ticket, {
        sentAt,
        user: user.index,
        route: "login",
        result,
        status,
        backend,
        flag,
        durationMs,
      });
    }

    function retry() {
      if (config.backOff) pauseMs = Math.min(pauseMs * config.backOff.factor, config.backOff.atMostMs);
      cancel = clock.after(retryAt - clock.now(), attempt);
    }
  }
}

/** The Cookie header of a user with a session. */
export function sessionCookie(userName: string, session: string): string {
  return `user=${userName}; session=${session}`;
}
