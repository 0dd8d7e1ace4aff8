import type { DashboardSpec } from "./spec.ts";

const p95 = (histogram: string): string =>
  `histogram_quantile(0.95, sum by (le, pool) (rate(${histogram}_bucket{pool=~"$pool"}[$__rate_interval])))`;

/** In the order of their values in the expression below. */
const STATES = [
  { name: "UP", color: "green" },
  { name: "DOWN", color: "red" },
  { name: "DRAIN", color: "blue" },
  { name: "MAINT", color: "gray" },
  { name: "EJECTED", color: "orange" },
] as const;
const stateNumber = `max by (pool, upstream) (${STATES.map(
  ({ name }, value) => `lb_upstream_state{pool=~"$pool", state="${name}"} * ${value}`,
).join(" or ")})`;

/** The inside of the balancer. */
export const balancer: DashboardSpec = {
  uid: "lab-balancer",
  title: "Balancer",
  description: "The inside of the balancer: queues, retries, timeouts, and the states of its upstreams.",
  byPool: true,
  panels: [
    {
      kind: "states",
      title: "Upstreams",
      description: "The state of each by the balancer. Without health checks it takes all for healthy.",
      states: STATES,
      lines: [{ expr: stateNumber, legend: "{{pool}}/{{upstream}}" }],
    },
    {
      kind: "lines",
      title: "Termination flags",
      description:
        "Why requests ended badly. UO: queue full or too long; UF: no connection; URX: retries used up; UC: connection reset; UT: no answer in time; UPE: no valid answer; UH: no upstream available; NR: no route; DC: the client left; DR: a request that is none.",
      unit: "reqps",
      lines: [
        {
          expr: 'sum by (pool, flag) (rate(lb_http_requests_total{pool=~"$pool", flag!="-"}[$__rate_interval]))',
          legend: "{{pool}} {{flag}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Why requests were not served",
      description:
        "Reasons of refusals and of answers that failed or were broken off; the access log has them by request.",
      unit: "reqps",
      lines: [
        {
          expr: "sum by (reason) (rate(lb_http_requests_failed_total[$__rate_interval]))",
          legend: "{{reason}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Queue",
      description: "Requests that wait because every upstream has as many as it may have.",
      unit: "short",
      lines: [{ expr: 'max by (pool) (lb_pool_queue_length{pool=~"$pool"})', legend: "{{pool}}" }],
    },
    {
      kind: "lines",
      title: "Time in the queue, to connect and to the answer's head",
      description: "All but one request in twenty take no longer. Which of the three grew?",
      unit: "s",
      lines: [
        { expr: p95("lb_queue_seconds"), legend: "{{pool}} queue" },
        { expr: p95("lb_connect_seconds"), legend: "{{pool}} connect" },
        { expr: p95("lb_response_seconds"), legend: "{{pool}} response" },
      ],
    },
    {
      kind: "lines",
      title: "In flight",
      description: "Requests that each upstream works on.",
      unit: "short",
      lines: [
        {
          expr: 'max by (pool, upstream) (lb_upstream_in_flight{pool=~"$pool"})',
          legend: "{{pool}}/{{upstream}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Retries",
      description:
        "Attempts after the first, and dashed those that were not made because the budget was spent.",
      unit: "reqps",
      lines: [
        {
          expr: 'sum by (pool, reason) (rate(lb_retries_total{pool=~"$pool"}[$__rate_interval]))',
          legend: "{{pool}} {{reason}}",
        },
        {
          expr: 'sum by (pool) (rate(lb_retry_budget_denied_total{pool=~"$pool"}[$__rate_interval]))',
          legend: "{{pool}} denied",
          dashed: true,
        },
      ],
    },
    {
      kind: "lines",
      title: "Connections to upstreams",
      description: "Open ones, and whether a request is on them.",
      unit: "short",
      lines: [
        {
          expr: 'sum by (pool, state) (lb_upstream_connections{pool=~"$pool"})',
          legend: "{{pool}} {{state}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Requests on a connection that had served others",
      description: "Next to none of them: each request pays for a connection of its own.",
      unit: "reqps",
      lines: [
        {
          expr: 'sum by (pool) (rate(lb_upstream_connection_reuses_total{pool=~"$pool"}[$__rate_interval]))',
          legend: "{{pool}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Health checks and ejections",
      description:
        "How long the last check took; dashed, how often an upstream was taken out in the last minute because of its answers.",
      unit: "short",
      lines: [
        {
          expr: 'max by (pool, upstream) (lb_upstream_check_duration_seconds{pool=~"$pool"})',
          legend: "{{pool}}/{{upstream}} check, s",
        },
        {
          expr: 'sum by (pool, upstream) (increase(lb_ejections_total{pool=~"$pool"}[1m])) > 0',
          legend: "{{pool}}/{{upstream}} ejections",
          dashed: true,
        },
      ],
    },
    {
      kind: "lines",
      title: "Panic",
      description: "1 while so few upstreams are healthy that all get requests.",
      unit: "short",
      lines: [{ expr: 'max by (pool) (lb_panic_active{pool=~"$pool"})', legend: "{{pool}}" }],
    },
    {
      kind: "lines",
      title: "Configuration in force",
      description: "Its version. lblab config diff says what a version changed.",
      unit: "short",
      lines: [{ expr: "max(lb_config_version)", legend: "version" }],
    },
    {
      kind: "lines",
      title: "Reloads of the configuration",
      description: "In the last minute, by result: one that is refused leaves the old one in force.",
      unit: "short",
      lines: [{ expr: "sum by (result) (increase(lb_config_reloads_total[1m]))", legend: "{{result}}" }],
    },
  ],
};
