import type { RefusedCheat } from "../cheat.ts";

const VERBS = ["start", "stop", "restart", "kill", "enable", "disable"] as const;

/** What judges, by acts: all of it is refused. */
export const instruments = (names: readonly string[]): RefusedCheat[] => [
  ...names.map((unit) => ({
    name: `every verb on ${unit}`,
    steps: VERBS.map((verb) => ({ do: `unit ${verb}` as const, unit })),
    because: /is an instrument of the judge: no act reaches it/,
  })),
  {
    name: "the prober pointed at a server that is well",
    steps: [{ do: "unit config", unit: "probe", set: { target: "http://127.0.0.1:9101" } }],
    because: /is an instrument of the judge/,
  },
  {
    name: "half of the load",
    steps: [{ do: "unit config", unit: "load", set: { requestsPerSecond: "50" } }],
    because: /is an instrument of the judge/,
  },
];

/** A faster machine for nothing. */
export const hardware: RefusedCheat = {
  name: "a faster machine",
  steps: [
    { do: "unit config", unit: "web-1", set: { "capacity.serviceMs": "1" } },
    { do: "unit config", unit: "web-1", set: { "capacity.slots": "1000" } },
    { do: "unit config", unit: "web-1", set: { version: "4.2.1", "capacity.slots": "1000" } },
    { do: "unit config", unit: "balancer", set: { configPath: "/tmp/other.yaml" } },
  ],
  because: /is what this machine is, and no setting/,
};
