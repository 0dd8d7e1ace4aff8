/** A trainee's diagnosis: which part, how it breaks, and who is affected. All words are listed to all, decoys included. */
export interface Diagnosis {
  /** A unit, a pool, `balancer`, or a component of the scenario's own. */
  readonly component: string;
  /** A word of `MECHANISMS`, or one of the scenario's own. */
  readonly mechanism: string;
  readonly scope: Scope;
}

/** Words that a scenario adds, each with its meaning: listed to the trainee with all others, so decoys are among them. */
export interface OwnWords {
  readonly components?: Readonly<Record<string, string>>;
  readonly mechanisms?: Readonly<Record<string, string>>;
}

/** Fewer own words of a kind would give the answer away. */
export const OWN_WORDS_AT_LEAST = 3;

export const MECHANISMS = {
  "port-taken": "another program listens on the port this one needs",
  "traffic-skewed": "the balancer's settings give healthy backends very unequal shares",
  "single-target": "the balancer's settings send everything to one backend",
  "stale-upstreams": "the balancer routes to backends that no longer answer",
  "pool-throttled": "the balancer's settings let too little through to a pool",
  "backend-bug": "a backend fails through a fault of its own",
  "bad-deployment": "a new version of an application is broken",
  "database-slow": "the database holds everything else up",
  "traffic-surge": "more traffic than the system was built for",
  "network-loss": "packets are lost on the way",
  "session-loss": "sessions are lost by the service that keeps them",
} as const;
export type Mechanism = keyof typeof MECHANISMS;

/** All mechanisms that a diagnosis can name. */
export const mechanismsWith = (own: OwnWords = {}): Readonly<Record<string, string>> => ({
  ...MECHANISMS,
  ...own.mechanisms,
});

/** By the figures of `status`, which the judge's are: exactly one of them is nearest to the truth. */
export const SCOPES = {
  everyone: "three quarters of all requests fail or more, whoever asks and for what",
  "some-requests": "everybody's requests fail now and then: fewer than three quarters, on every route",
  "some-users":
    "the same users nearly always (over 90 % of their requests), all others hardly ever (under 10 %)",
  "one-route": "the requests to one route only; those to the other routes are well",
} as const;
export type Scope = keyof typeof SCOPES;
