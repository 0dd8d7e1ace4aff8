import { PAGES } from "../../lb/config/lint/pages.ts";
import type { UpstreamState } from "../../lb/balancer.ts";
import type { Flag, AttemptResult } from "../../lb/outcome.ts";
import { PICK_REASONS } from "../../lb/pick-reasons.ts";
import type { PolicyOptions } from "../../lb/policies/index.ts";
import { MECHANISMS, SCOPES } from "../../scenarios/diagnosis.ts";
import type { UnitState } from "../world/host.ts";

/** A word that a trainee meets, and what it means. */
export interface Entry {
  readonly word: string;
  readonly group: string;
  readonly means: string;
}

/** Envoy's response flags, with the meaning of each for the request. */
const FLAGS: Readonly<Record<Flag, string>> = {
  "-": "nothing went wrong on the balancer's side: the answer is the upstream's own, whatever its status",
  UH: "no upstream could be picked: all are DOWN, drained, ejected or in maintenance. The balancer answers 503",
  UF: "no connection to the upstream: refused (502) or not made in time (504)",
  URX: "every attempt that was allowed failed before an upstream had the request: the retries are used up. The balancer answers 502",
  UC: "the upstream closed or reset the connection before its answer was whole (502 when nothing had been sent on)",
  UT: "the upstream was too slow: no answer, or no more of it, within the time limit (504)",
  UPE: "what the upstream sent was no valid HTTP (502)",
  UO: "the balancer held the request back: its queue was full, or it waited there too long (503). No upstream saw it",
  NR: "no route matches the request's host and path (404)",
  DC: "the client left before its answer was whole (499 in the log)",
  DR: "the balancer refused the request as the client sent it: not valid, or too slow (400, 408 and others)",
};

/** HAProxy's termination state is two letters: who ended it, and in which phase. */
const TERMINATION: Readonly<Record<string, string>> = {
  "first letter":
    "who ended it: C the client, c the client's time limit, S the upstream, s the upstream's time limit, P the balancer itself, R a resource that the balancer had not left, - a normal end",
  "second letter":
    "in which phase: R reading the request, Q waiting in the queue, C connecting, H waiting for the answer's head, D passing data on, - a normal end",
};

const ATTEMPTS: Readonly<Record<AttemptResult, string>> = {
  ok: "the upstream gave a whole answer below 500",
  "5xx": "the upstream gave a whole answer of 500 or more",
  refused: "the upstream's port refused the connection",
  unreachable: "there is no way to the upstream's address",
  exhausted:
    "the balancer's machine had no descriptor, port or memory left; it means nothing about the upstream",
  reset: "the upstream reset the connection before its answer's head",
  invalid: "what the upstream sent was no valid HTTP",
  "connect-timeout": "the connection was not made in time",
  timeout: "the answer, or the rest of it, did not come in time",
  cut: "the answer was broken off in its middle",
  "client-left": "the client left; it means nothing about the upstream",
};

const UPSTREAM_STATES: Readonly<Record<UpstreamState | "no check", string>> = {
  UP: "passes its health checks, and is picked",
  "no check": "no health check is configured: its health is unknown, and it is picked",
  DOWN: "failed as many health checks in a row as `fall` says; not picked until `rise` passes in a row",
  DRAIN: "finishes what it has, and takes nothing new",
  MAINT: "in maintenance: taken out by hand",
  EJECTED: "outlier detection took it out for a while, judged by its answers to real requests",
};

const UNIT_STATES: Readonly<Record<UnitState, string>> = {
  inactive: "not running: stopped on purpose, or never started",
  activating: "its process has been started and is not ready yet",
  active: "its process runs and serves",
  deactivating: "asked to stop, and finishing",
  "auto-restart": "its process ended by a failure, and is started again after its delay",
  failed:
    "its process ended by a failure and is not started again: the start limit was hit, or its policy says so",
};

const POLICIES: Readonly<Record<PolicyOptions["type"], string>> = {
  "round-robin": "one after the other, each as often as its weight says",
  random: "by chance, in proportion to weight",
  "random-two": "draws two by chance and picks the one with fewer requests in flight",
  "least-connections":
    "the one with the fewest requests in flight for its weight, the request to come counted in",
  "peak-ewma": "the one with the least expected wait: its recent response times, times what it has in flight",
  "ring-hash":
    "by a hash of a key (cookie, header, address) on a ring: the same key goes to the same upstream",
  maglev: "by a hash of a key in a table that every upstream fills to its weight",
  first: "the first one in the list that has room",
};

const TERMS: Readonly<Record<string, string>> = {
  affected:
    "a user is affected in a window of 10 s when more than half of their requests to some route fail in it",
  "user-minutes lost":
    "the share of affected users over time, for 1,000 users: 30 % for 10 minutes are 3,000 user-minutes",
  fails:
    "a request fails when the user gets no answer in time, a 5xx, a wrong answer, or a refused or cut connection",
  "users are well":
    "over 10 s of requests, failures, affected users and p95 are within steady state, the usual load is offered, and no user fails every time",
  "steady state": "what users have when all is well, measured before the change",
  durable: "a repair after which users are well again when all units have been restarted once",
  mitigation: "what brings users back and does not survive a restart",
  p95: "95 of 100 requests took no longer; of those that did not fail",
  share: "which part of a pool's answers one backend gave; `configured` is its weight's part of all weights",
  "in flight": "requests that the upstream is working on, of the most it is given at once",
  queue:
    "requests that wait in the balancer for an upstream with room; past its limit the balancer answers 503 UO",
  "panic mode": "so few upstreams are available that the pool sends to all of them, well or not",
  "retry budget":
    "how many requests may be retried for those that are not: it keeps retries from multiplying an overload",
  "health check": "a request of the balancer's own to each upstream, every few seconds",
  "outlier detection": "takes an upstream out by how real requests fare at it",
  drain: "finish what is in flight, take nothing new",
  "slow start": "an upstream that has just come back gets its full share over a while",
  sticky: "a cookie that brings a user back to the same upstream",
  prober: "the lab's own users, by whose requests a repair is judged",
  load: "more traffic of the same kind, by autocannon",
  evaluator: "the unit that scrapes metrics, evaluates alert rules and pages",
  page: "an alert that wakes somebody: it says what users feel",
  inform: "an alert that pages nobody: it says what a part sees of itself",
  silenced: "somebody has silenced it: nobody is notified of it for a while",
  inhibited: "nobody is notified of it while an alert that pages fires",
  acknowledged: "somebody has taken it on: reminders stop",
  TTD: "time to detect: from the change to the page",
  TTI: "time to identify: from the change to the right diagnosis",
  TTM: "time to mitigate: from the change to the step that helped",
  TTR: "time to restore: from the change to users being well",
};

const group = (name: string, words: Readonly<Record<string, string>>): Entry[] =>
  Object.entries(words).map(([word, means]) => ({ word, group: name, means }));

export const GLOSSARY: readonly Entry[] = [
  ...group("flags of the access log", FLAGS),
  ...group("termination state of the access log", TERMINATION),
  ...group("results of an attempt", ATTEMPTS),
  ...group("states of an upstream", UPSTREAM_STATES),
  ...group("states of a unit", UNIT_STATES),
  ...group("policies", POLICIES),
  ...group("why an upstream was picked", PICK_REASONS),
  ...group("mechanisms of a diagnosis", MECHANISMS),
  ...group("scopes of a diagnosis", SCOPES),
  ...group("terms", TERMS),
  ...PAGES.map(({ code, severity, title }) => ({
    word: code,
    group: "codes of config check",
    means: `${severity}: ${title} (lblab balancer --explain ${code})`,
  })),
];
