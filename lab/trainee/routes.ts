import type { Answers } from "./answers.ts";

interface Served {
  readonly method: "GET" | "POST";
  /** A part that begins with a colon is a field of the input. */
  readonly path: string;
  /** What it is for, in a line of the documentation. */
  readonly says: string;
  /** Whether the run's token is needed; without it a look is answered and not noted. */
  readonly token: boolean;
}

interface Operation extends Served {
  /** How long a client waits: a look is there or is not, an act waits for processes, a check watches users. */
  readonly waits: "look" | "act" | "check";
  /** How the answer is written. Default json. */
  readonly answers?: "json" | "text";
}

/** Seeing something that a drill's record notes, as what `subject` says: a name, or the input's field that has it. */
export interface Look extends Operation {
  readonly kind: "look";
  readonly method: "GET";
  readonly subject: string | { readonly field: "unit" };
}

/** Doing something to the lab or in the drill: it is done by an actor. */
export interface Act extends Operation {
  readonly kind: "act";
  readonly method: "POST";
  readonly token: true;
}

/** An operation that is neither a look nor an act: it is free to ask for, and no drill's record notes it. */
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

/**
 * The trainee's interface: all that a trainee can see and do. The HTTP server and its clients, the trainee in the same
 * process, the tests and `docs/api.md` are made from it or held against it; what goes in stands in `inputs.ts`, what comes out
 * in `answers.ts`, apart from it because a page that only asks has no use for the schemas.
 */
export const OPERATIONS = {
  status: {
    kind: "neither",
    method: "GET",
    path: "/v1/status",
    token: false,
    waits: "look",
    says: "users, backends, pools, units, alerts and the drill at a glance, over the last 10 s",
  },
  units: {
    kind: "look",
    method: "GET",
    path: "/v1/units",
    token: false,
    waits: "look",
    subject: "units",
    says: "the units of the machine and around it, with their states",
  },
  unitConfig: {
    kind: "look",
    method: "GET",
    path: "/v1/units/:unit/config",
    token: false,
    waits: "look",
    subject: { field: "unit" },
    says: "the settings of one unit, which its next start runs with",
  },
  logs: {
    kind: "look",
    method: "GET",
    path: "/v1/logs/:unit",
    token: false,
    waits: "look",
    subject: { field: "unit" },
    says: "the last lines of a unit's log, oldest first; `access` is the balancer's access log",
  },
  config: {
    kind: "look",
    method: "GET",
    path: "/v1/config",
    token: false,
    waits: "look",
    subject: "config",
    says: "the balancer's configuration: the active version, or an earlier one",
  },
  configHistory: {
    kind: "look",
    method: "GET",
    path: "/v1/config/history",
    token: false,
    waits: "look",
    subject: "config",
    says: "every version of the configuration, with author and reason",
  },
  configDiff: {
    kind: "look",
    method: "GET",
    path: "/v1/config/diff",
    token: false,
    waits: "look",
    subject: "config",
    says: "two versions of the configuration and what differs; without any, the active one and the one before it",
  },
  checkConfig: {
    kind: "neither",
    method: "POST",
    path: "/v1/config/check",
    token: true,
    waits: "look",
    says: "whether a text could be the configuration, and what may be said against it, place by place; it stays a text",
  },
  changes: {
    kind: "look",
    method: "GET",
    path: "/v1/changes",
    token: false,
    waits: "look",
    subject: "changes",
    says: "the change log: what was done to the lab, and by whom",
  },
  ports: {
    kind: "look",
    method: "GET",
    path: "/v1/ports",
    token: false,
    waits: "look",
    subject: "ports",
    says: "which process listens on which of the lab's ports",
  },
  metrics: {
    kind: "look",
    method: "GET",
    path: "/v1/metrics/:unit",
    token: false,
    waits: "look",
    answers: "text",
    subject: { field: "unit" },
    says: "a unit's metrics, in Prometheus' text format",
  },
  query: {
    kind: "look",
    method: "GET",
    path: "/v1/query",
    token: false,
    waits: "look",
    subject: "metrics",
    says: "PromQL at this moment, or over the last `range` seconds, one value each `step` seconds",
  },
  alerts: {
    kind: "look",
    method: "GET",
    path: "/v1/alerts",
    token: false,
    waits: "look",
    subject: "alerts",
    says: "every alert since the start, oldest first",
  },
  silences: {
    kind: "look",
    method: "GET",
    path: "/v1/silences",
    token: false,
    waits: "look",
    subject: "alerts",
    says: "the silences that there are, those that are over for a while",
  },
  pools: {
    kind: "neither",
    method: "GET",
    path: "/v1/pools",
    token: false,
    waits: "look",
    says: "the balancer's pools and upstreams by its own statistics, with rates over the last 10 s",
  },
  explain: {
    kind: "neither",
    method: "GET",
    path: "/v1/explain",
    token: false,
    waits: "look",
    says: "what a word means: a flag of the log, a state, a policy, a term; without one, all of them",
  },
  drill: {
    kind: "neither",
    method: "GET",
    path: "/v1/drill",
    token: false,
    waits: "look",
    says: "the drill: its brief, its clock, hints and what they cost, the words of a diagnosis; null without one",
  },
  debrief: {
    kind: "neither",
    method: "GET",
    path: "/v1/debrief",
    token: false,
    waits: "look",
    says: "the result, and what the incident was; 409 until the drill has ended",
  },
  visit: {
    kind: "neither",
    method: "POST",
    path: "/v1/visit",
    token: true,
    waits: "look",
    says: "one request to the balancer's public address, as a user sends it",
  },
  act: {
    kind: "act",
    method: "POST",
    path: "/v1/actions",
    token: true,
    waits: "act",
    says: "an action of the table in `scenarios/action.ts`; `ok` says whether it was done",
  },
  check: {
    kind: "neither",
    method: "POST",
    path: "/v1/check",
    token: true,
    waits: "check",
    says: "whether users are well, after watching them for up to 13 s",
  },
  acknowledge: {
    kind: "act",
    method: "POST",
    path: "/v1/alerts/acknowledge",
    token: true,
    waits: "act",
    says: "stops the pager from ringing for the firing alerts with this name, or for all; answers which",
  },
  silence: {
    kind: "act",
    method: "POST",
    path: "/v1/silences",
    token: true,
    waits: "act",
    says: "keeps the pager quiet about alerts that match, for a while",
  },
  expireSilence: {
    kind: "act",
    method: "POST",
    path: "/v1/silences/expire",
    token: true,
    waits: "act",
    says: "ends a silence now",
  },
  diagnose: {
    kind: "act",
    method: "POST",
    path: "/v1/diagnose",
    token: true,
    waits: "act",
    says: "what is wrong, by component, mechanism and scope; the last one counts",
  },
  hint: {
    kind: "act",
    method: "POST",
    path: "/v1/hint",
    token: true,
    waits: "act",
    says: "the next hint, which is counted",
  },
  end: {
    kind: "act",
    method: "POST",
    path: "/v1/end",
    token: true,
    waits: "act",
    says: "ends the drill: its units are restarted once, then it is judged",
  },
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
