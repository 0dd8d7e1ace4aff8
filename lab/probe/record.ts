/** The outcome of one request of the prober. A request fails unless `result` is `ok`. */
export interface ProbeRecord {
  /** When it was sent, milliseconds since the epoch. */
  readonly sentAt: number;
  /** Index of the user in the population; `NOBODY` for a call of the dependent API. */
  readonly user: number;
  readonly route: ProbeRoute;
  readonly result: ProbeResult;
  /** HTTP status, when there was one. */
  readonly status: number | undefined;
  /** The backend that answered, as the answer names it, where that was proved. */
  readonly backend: string | undefined;
  /** The balancer's flag when the balancer made the answer itself. */
  readonly flag: string | undefined;
  readonly durationMs: number;
}

/** True when the account page has shown its user signed in: their last login then counts as a success, whatever its record. */
export const showsSession = ({
  route,
  result,
  status,
}: Pick<ProbeRecord, "route" | "result" | "status">): boolean =>
  route === "account" && result === "ok" && status === 200;

/**
 * unproved: it looks like what was requested, and no backend of this lab gave it, or not through the balancer. wrong: it is
 * something else than what was requested.
 */
export type ProbeResult = "ok" | "status" | "timeout" | "refused" | "cut" | "wrong" | "unproved";

/** Stands for no user of the population. */
export const NOBODY = -1;

/** page: any page of the shop. account: a page that needs a session. login: signing in, judged by reading it back.
 *  api: another team's API, which depends on this service. */
export type ProbeRoute = "page" | "account" | "login" | "api";

/** What the prober sends the supervisor a few times a second: everything that ended since the last one. */
export interface ProbeReport {
  readonly type: "probe";
  /** When it was made, epoch ms. */
  readonly at: number;
  readonly records: readonly ProbeRecord[];
  /** Requests still without an answer, by when they were sent (epoch ms), oldest first. */
  readonly openSince: readonly number[];
}

/** What the load sends the supervisor every second. Counts since its start. */
export interface LoadReport {
  readonly type: "load";
  /** Epoch milliseconds. */
  readonly at: number;
  readonly sent: number;
  /** Whole answers, whatever their status. */
  readonly answered: number;
  /** Refused, lost and timed out, and answers of 5xx. */
  readonly failed: number;
}
