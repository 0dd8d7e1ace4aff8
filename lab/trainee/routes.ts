import type { Answers } from "./answers.ts";

interface Served {
  readonly method: "GET" | "POST";
  /** A part that begins with a colon is a field of the input. */
  readonly path: string;
  /** Its purpose, as a line of the documentation. */
  readonly says: string;
  /** Whether the run's token is needed; without it a look is answered and not noted. */
  readonly token: boolean;
}

interface Operation extends Served {
  /** How long a client waits: a look is answered at once, an act waits for processes, a check watches users. */
  readonly waits: "look" | "act" | "check";
  /** How the answer is written. Default json. */
  readonly answers?: "json" | "text";
}

/** An operation that a drill's record notes as a look, under `subject`: a name, or the input's field that has it. */
export interface Look extends Operation {
  readonly kind: "look";
  readonly method: "GET";
  readonly subject: string | { readonly field: "unit" };
}

/** An operation that changes the lab or the drill, done by an actor. */
export interface Act extends Operation {
  readonly kind: "act";
  readonly method: "POST";
  readonly token: true;
}

/** An operation that is neither a look nor an act: it needs no token, and no drill's record notes it. */
export interface Neither extends Operation {
  readonly kind: "neither";
}

/** Events for as long as the client listens. */
export interface Stream extends Served {
  readonly kind: "stream";
}

/** A path of the lab itself, which is no part of the trainee's interface. */
export interface LabPath extends Served {
  readonly kind: "lab";
}

export type OperationRoute = Look | Act | Neither;
export type Route = OperationRoute | Stream | LabPath;

export type OperationName = keyof Answers;

/** A look, noted as `subject`, or as the value of the input's field. */
const look = (path: string, subject: Look["subject"], says: string) =>
  ({ kind: "look", method: "GET", path, token: false, waits: "look", subject, says }) as const;

const act = (path: string, says: string) =>
  ({ kind: "act", method: "POST", path, token: true, waits: "act", says }) as const;

/** A read that no record notes. */
const read = (path: string, says: string) =>
  ({ kind: "neither", method: "GET", path, token: false, waits: "look", says }) as const;

/** No act, but it needs the token: it costs the lab work, or sends something. */
const post = (path: string, says: string) =>
  ({ kind: "neither", method: "POST", path, token: true, waits: "look", says }) as const;

/**
 * The trainee's interface: all that a trainee can see and do. The HTTP server and its clients, the trainee in the same
 * process, the tests and `docs/api.md` are made from it or held against it; inputs are in `inputs.ts`, answers in
 * `answers.ts`, separately because a page that only sends requests does not need the schemas.
 */
export const OPERATIONS = {
  status: read(
    "/v1/status",
    "users, backends, pools, units, alerts and the drill at a glance, over the last 10 s",
  ),
  users: read(
    "/v1/users",
    "what users felt since the first of them came, in windows of 10 s, oldest first; the last 10 s are in `status`",
  ),
  units: look("/v1/units", "units", "the units of the machine and around it, with their states"),
  unitConfig: look(
    "/v1/units/:unit/config",
    { field: "unit" },
    "the settings of one unit, which its next start runs with",
  ),
  logs: look(
    "/v1/logs/:unit",
    { field: "unit" },
    "the last lines of a unit's log, oldest first; `access` is the balancer's access log",
  ),
  config: look("/v1/config", "config", "the balancer's configuration: the active version, or an earlier one"),
  configHistory: look(
    "/v1/config/history",
    "config",
    "every version of the configuration, with author and reason",
  ),
  configDiff: look(
    "/v1/config/diff",
    "config",
    "two versions of the configuration and what differs; without any, the active one and the one before it",
  ),
  rollout: look(
    "/v1/config/rollout",
    "config",
    "what guards the configuration: the canary with its verdicts, a freeze, a proposal, what measures hold for a reviewer",
  ),
  audit: post(
    "/v1/config/audit",
    "compares what runs with its file and with what was reviewed, and lints it: nothing is changed",
  ),
  checkConfig: post(
    "/v1/config/check",
    "whether a text could be the configuration, and what may be said against it, place by place; it stays a text",
  ),
  changes: look("/v1/changes", "changes", "the change log: what was done to the lab, and by whom"),
  ports: look("/v1/ports", "ports", "which process listens on which of the lab's ports"),
  metrics: {
    ...look("/v1/metrics/:unit", { field: "unit" }, "a unit's metrics, in Prometheus' text format"),
    answers: "text",
  },
  query: look(
    "/v1/query",
    "metrics",
    "PromQL at this moment, or over the last `range` seconds, one value each `step` seconds",
  ),
  alerts: look("/v1/alerts", "alerts", "every alert since the start, oldest first"),
  silences: look("/v1/silences", "alerts", "the silences that there are, those that are over for a while"),
  pools: read(
    "/v1/pools",
    "the balancer's pools and upstreams by its own statistics, with rates over the last 10 s",
  ),
  explain: read(
    "/v1/explain",
    "what a word means: a flag of the log, a state, a policy, a term; without one, all of them",
  ),
  drill: read(
    "/v1/drill",
    "the drill: its brief, its clock, hints and what they cost, what a diagnosis can name; null without one",
  ),
  debrief: read("/v1/debrief", "the result, and what the incident was; 409 until the drill has ended"),
  visit: post("/v1/visit", "one request to the balancer's public address, as a user sends it"),
  act: act("/v1/actions", "an action of the table in `scenarios/action.ts`; `ok` says whether it was done"),
  check: {
    ...post("/v1/check", "whether users are well, after watching them for up to 13 s"),
    waits: "check",
  },
  acknowledge: act(
    "/v1/alerts/acknowledge",
    "stops the pager from ringing for the firing alerts with this name, or for all; answers which",
  ),
  silence: act("/v1/silences", "keeps the pager quiet about alerts that match, for a while"),
  expireSilence: act("/v1/silences/expire", "ends a silence now"),
  diagnose: act("/v1/diagnose", "what is wrong, by component, mechanism and scope; the last one counts"),
  hint: act("/v1/hint", "the next hint, which is counted"),
  end: act("/v1/end", "ends the drill: its units are restarted once, then it is judged"),
} as const satisfies Record<OperationName, OperationRoute>;

/** An operation that only reads. */
export type ReadName = {
  readonly [Name in OperationName]: (typeof OPERATIONS)[Name]["method"] extends "GET" ? Name : never;
}[OperationName];

/** What the control API serves beside the trainee's interface. */
export const LAB_PATHS = {
  down: {
    kind: "lab",
    method: "POST",
    path: "/v1/down",
    token: true,
    says: "takes the whole lab down",
  },
  events: {
    kind: "stream",
    method: "GET",
    path: "/v1/events",
    token: true,
    says: "what happens in the lab, as server-sent events; `Last-Event-ID` resumes the journal, `types` picks (`journal,alert`)",
  },
  journal: {
    kind: "lab",
    method: "GET",
    path: "/v1/journal",
    token: true,
    says: "the record of the drill so far",
  },
  labMetrics: {
    kind: "lab",
    method: "GET",
    path: "/metrics",
    token: false,
    says: "the supervisor's own metrics: units and changes",
  },
  health: {
    kind: "lab",
    method: "GET",
    path: "/healthz",
    token: false,
    says: "`ok` while the lab runs",
  },
} as const satisfies Record<string, LabPath | Stream>;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** The route of an operation, without its own literal type. */
export const routeOf = (name: OperationName): OperationRoute => OPERATIONS[name];
