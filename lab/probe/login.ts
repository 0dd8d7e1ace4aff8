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

export interface LoginUser {
  readonly index: number;
  readonly name: string;
}

export type LoginConfig = NonNullable<ProbeConfig["login"]> & { readonly timeoutMs: number };

/** A user without a session. */
export function createLogin(user: LoginUser, config: LoginConfig, deps: LoginDeps): Login {
  return new UserLogin(user, config, deps);
}

/** A class: there are thousands of users. */
class UserLogin implements Login {
  private readonly user: LoginUser;
  private readonly config: LoginConfig;
  private readonly deps: LoginDeps;
  private token: string | undefined = undefined;
  private cancel: Cancel = () => {};
  private pauseMs: number;

  constructor(user: LoginUser, config: LoginConfig, deps: LoginDeps) {
    this.user = user;
    this.config = config;
    this.deps = deps;
    this.pauseMs = config.retryEveryMs;
  }

  session(): string | undefined {
    return this.token;
  }

  begin(afterMs: number, existing: string | undefined): void {
    this.token = existing;
    if (existing === undefined) this.cancel = this.deps.clock.after(afterMs, () => this.attempt());
  }

  lost(session: string): void {
    if (session !== this.token) return;
    this.token = undefined;
    this.attempt();
  }

  stop(): void {
    this.cancel();
  }

  private attempt(): void {
    const { clock, random, ledger } = this.deps;
    const { name } = this.user;
    const sentAt = clock.wall();
    const attempt: LoginAttempt = {
      sentAt,
      ticket: ledger.open(sentAt),
      retryAt: clock.now() + this.pauseMs * (1 + this.config.retryJitter * (2 * random.next() - 1)),
    };
    this.deps.requester.request(
      {
        route: "login",
        userName: name,
        timeoutMs: this.config.patienceMs,
        to: "service",
        method: "POST",
        path: "/login",
        cookie: `user=${name}`,
        body: JSON.stringify({ user: name }),
      },
      (judged) => {
        if (judged.result === "ok" && judged.session !== undefined)
          this.readBack(attempt, judged, judged.session);
        else {
          this.close(attempt, judged);
          this.retry(attempt);
        }
      },
    );
  }

  /** A login has succeeded when the account can be read with it. */
  private readBack(attempt: LoginAttempt, given: Judged, token: string): void {
    this.deps.requester.request(
      {
        route: "account",
        userName: this.user.name,
        timeoutMs: this.config.timeoutMs,
        to: "service",
        method: "GET",
        path: "/account",
        cookie: sessionCookie(this.user.name, token),
        body: undefined,
      },
      (seen) => {
        const readable = seen.result === "ok" && seen.status === 200;
        // A user waits for the login's own answer; the reading back is the prober's.
        const result = seen.result === "unproved" ? seen.result : "wrong";
        this.close(attempt, readable ? given : { ...seen, result, durationMs: given.durationMs });
        // Only the service's own refusal ends a session; a user who merely got an error keeps the cookie.
        if (seen.result === "wrong" || (seen.result === "ok" && !readable)) this.retry(attempt);
        else {
          this.token = token;
          this.pauseMs = this.config.retryEveryMs;
        }
      },
    );
  }

  private close({ ticket, sentAt }: LoginAttempt, judged: Judged): void {
    const { result, status, backend, flag, durationMs } = judged;
    const user = this.user.index;
    this.deps.ledger.close(ticket, {
      sentAt,
      user,
      route: "login",
      result,
      status,
      backend,
      flag,
      durationMs,
    });
  }

  private retry({ retryAt }: LoginAttempt): void {
    const { backOff } = this.config;
    if (backOff) this.pauseMs = Math.min(this.pauseMs * backOff.factor, backOff.atMostMs);
    const { clock } = this.deps;
    this.cancel = clock.after(retryAt - clock.now(), () => this.attempt());
  }
}

interface LoginAttempt {
  readonly sentAt: number;
  readonly ticket: ReturnType<Ledger["open"]>;
  /** By the clock's `now`. */
  readonly retryAt: number;
}

/** The Cookie header of a user with a session. */
export function sessionCookie(userName: string, session: string): string {
  return `user=${userName}; session=${session}`;
}
