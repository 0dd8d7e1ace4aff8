/** What a trainee says: which part, how it breaks, and who feels it. All words are listed to everyone, decoys included. */
export interface Diagnosis {
  /** A unit, a pool, or `balancer`. */
  readonly component: string;
  readonly mechanism: Mechanism;
  readonly scope: Scope;
}

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

export const SCOPES = {
  everyone: "every request of every user",
  "some-requests": "a share of everybody's requests",
  "some-users": "the same users all the time, the others never",
  "one-route": "one route only",
} as const;
export type Scope = keyof typeof SCOPES;
