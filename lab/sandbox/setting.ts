import { z } from "zod";
import { POLICY_TYPES } from "../../lb/policies/index.ts";

export const MOST_UPSTREAMS = 50;

/** What both sides have in common: users, and the backends that they reach. */
const world = z.strictObject({
  requestsPerSecond: z.int().min(1).max(600),
  /** How uneven users are: 0 sends the same from each, 1 lets the first of 200 send a sixth of all requests. */
  userSkew: z.number().min(0).max(1.5).default(0),
  backends: z
    .array(
      z.strictObject({
        /** Of a request, on average, once it has a slot. */
        serviceMs: z.int().min(1).max(2000),
        running: z.boolean().default(true),
      }),
    )
    .min(1)
    .max(MOST_UPSTREAMS),
  /** Requests that a backend works on at a time; as many as `backlog` more wait there, further ones get 503. */
  slots: z.int().min(1).max(64).default(4),
  backlog: z.int().min(0).max(500).default(100),
  /** A backend that has just started takes so many times as long, falling to once over 10 s. */
  coldFactor: z.int().min(1).max(20).default(1),
  /** Every so often the next backend in turn is down for `downSeconds`; 0: never. */
  restartEverySeconds: z.int().min(0).max(600).default(0),
  downSeconds: z.int().min(1).max(60).default(4),
});

/** What the sides differ in: the balancer's settings. */
const side = z.strictObject({
  policy: z.enum(POLICY_TYPES),
  /** By place; those past its end have 1. */
  weights: z.array(z.int().min(0).max(256)).max(MOST_UPSTREAMS).default([]),
  /** Most in flight at an upstream; others wait in the balancer's queue of 200, for 5 s at most. */
  maxConnections: z.int().min(1).max(1000).default(1000),
  healthChecks: z.boolean().default(true),
  slowStartSeconds: z.int().min(0).max(60).default(0),
  retries: z.int().min(0).max(5).default(0),
  /** Retries for every 100 requests at most. */
  retryBudgetPercent: z.int().min(0).max(100).default(20),
  /** An attempt without an answer is given up after so long. */
  timeoutMs: z.int().min(50).max(10_000).default(5000),
});

/** A sandbox: one world, and one or two balancers before it, on the same seed. */
export const sandboxSetting = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  world,
  sides: z.array(side).min(1).max(2),
});

export type SandboxSetting = z.infer<typeof sandboxSetting>;
export type WorldSetting = SandboxSetting["world"];
export type SideSetting = SandboxSetting["sides"][number];

export const weightOf = ({ weights }: SideSetting, place: number): number => weights[place] ?? 1;

export const upstreamName = (place: number): string => `web-${place + 1}`;
