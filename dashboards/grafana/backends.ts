import type { DashboardSpec, State } from "./spec.ts";

const query = (quantile: number): string =>
  `histogram_quantile(${quantile}, sum by (le) (rate(database_query_duration_seconds_bucket[$__rate_interval])))`;

/** In the order of their values in the expression below. */
const UNIT_STATES: readonly State[] = [
  { name: "active", color: "green" },
  { name: "activating", color: "blue" },
  { name: "deactivating", color: "purple" },
  { name: "inactive", color: "gray" },
  { name: "auto-restart", color: "orange" },
  { name: "failed", color: "red" },
];
const unitState = `max by (unit) (${UNIT_STATES.map(
  ({ name }, value) => `unit_state{state="${name}"} * ${value}`,
).join(" or ")})`;

/** State and work of the backends. */
export const backends: DashboardSpec = {
  uid: "lab-backends",
  title: "Backends",
  description: "State and work of the backends, as they and their machine see it.",
  byPool: false,
  panels: [
    {
      kind: "states",
      title: "Units",
      only: "lab",
      description: "Processes of the machine, as its init system sees them.",
      states: UNIT_STATES,
      lines: [{ expr: unitState, legend: "{{unit}}" }],
    },
    {
      kind: "states",
      title: "Targets that answer scrapes",
      description: "By job and instance. A process may run and not answer.",
      states: [
        { name: "down", color: "red" },
        { name: "up", color: "green" },
      ],
      lines: [{ expr: "max by (job, instance) (up)", legend: "{{job}} {{instance}}" }],
    },
    {
      kind: "lines",
      title: "In service",
      description: "Requests that each backend works on.",
      unit: "short",
      lines: [{ expr: "max by (backend) (backend_in_flight)", legend: "{{backend}}" }],
    },
    {
      kind: "lines",
      title: "Waiting",
      description: "Requests in each backend's own queue.",
      unit: "short",
      lines: [{ expr: "max by (backend) (backend_queue_length)", legend: "{{backend}}" }],
    },
    {
      kind: "lines",
      title: "Saturation",
      description: "Busy slots over all slots. At 1 everything else waits.",
      unit: "percentunit",
      lines: [{ expr: "max by (backend) (backend_saturation_ratio)", legend: "{{backend}}" }],
    },
    {
      kind: "lines",
      title: "Answers by code",
      description: "As the backends count them; what never reached one is not among them.",
      unit: "reqps",
      lines: [
        {
          expr: "sum by (backend, role, code) (rate(backend_requests_total[$__rate_interval]))",
          legend: "{{backend}} {{code}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Restarts",
      only: "lab",
      description: "Automatic ones, in the last minute.",
      unit: "short",
      lines: [{ expr: "sum by (backend) (increase(backend_restarts_total[1m])) > 0", legend: "{{backend}}" }],
    },
    {
      kind: "lines",
      title: "Sessions",
      only: "lab",
      description:
        "Users that the auth servers remember, where there are any. They are gone when one restarts.",
      unit: "short",
      lines: [{ expr: "max by (backend) (backend_sessions)", legend: "{{backend}}" }],
    },
    {
      kind: "lines",
      title: "How long database queries take",
      description: "Waiting included.",
      unit: "s",
      lines: [
        { expr: query(0.5), legend: "p50" },
        { expr: query(0.95), legend: "p95" },
        { expr: query(0.99), legend: "p99" },
      ],
    },
    {
      kind: "lines",
      title: "Database queries",
      description: "That have been answered.",
      unit: "ops",
      lines: [
        {
          expr: "sum(rate(database_query_duration_seconds_count[$__rate_interval]))",
          legend: "queries",
        },
      ],
    },
  ],
};
