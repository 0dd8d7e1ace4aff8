import type { DashboardSpec } from "./panels.ts";

/** For rates: three scrapes or more, as in the alert rules. */
const WINDOW = "15s";
const OBJECTIVE = 0.995;
const failed = `sum(rate(probe_requests_total{route!="api", result!="ok"}[${WINDOW}]))`;
const all = `sum(rate(probe_requests_total{route!="api"}[${WINDOW}]))`;
const quantile = (q: number): string =>
  `histogram_quantile(${q}, sum by (le, route) (rate(probe_request_duration_seconds_bucket[${WINDOW}])))`;

/** What Grafana shows of a lab, by file name. None of it knows of any incident. */
export const DASHBOARDS: Readonly<Record<string, DashboardSpec>> = {
  "service-level": {
    uid: "lab-service-level",
    title: "Service level",
    panels: [
      {
        title: "Requests answered well",
        unit: "percentunit",
        description: `By those who ask as users do. The objective is ${OBJECTIVE * 100} %.`,
        lines: [
          { expr: `1 - ${failed} / ${all}`, legend: "answered well" },
          { expr: `vector(${OBJECTIVE})`, legend: "objective" },
        ],
      },
      {
        title: "Burn rate",
        unit: "short",
        description: "How many times too fast the error budget is being spent; 1 spends it exactly.",
        lines: [{ expr: `(${failed} / ${all}) / ${(1 - OBJECTIVE).toFixed(3)}`, legend: "burn rate" }],
      },
      {
        title: "Users affected",
        unit: "percentunit",
        description: "More than half of whose requests to some route fail.",
        lines: [{ expr: "probe_users_affected_ratio", legend: "affected" }],
      },
      {
        title: "Failures by what users got",
        unit: "reqps",
        description:
          "status: a 4xx or 5xx; refused, cut, timeout: no answer; wrong: an answer that is not true.",
        lines: [
          {
            expr: `sum by (route, result) (rate(probe_requests_total{result!="ok"}[${WINDOW}]))`,
            legend: "{{route}} {{result}}",
          },
        ],
      },
      {
        title: "Waiting",
        unit: "s",
        description: "Half of the requests are answered by then, and all but one in twenty.",
        lines: [
          { expr: quantile(0.5), legend: "{{route}} p50" },
          { expr: quantile(0.95), legend: "{{route}} p95" },
        ],
      },
      {
        title: "Alerts that fire",
        unit: "short",
        description: "What Prometheus' rules say now.",
        lines: [{ expr: 'ALERTS{alertstate="firing"}', legend: "{{alertname}} ({{severity}})" }],
      },
    ],
  },
  traffic: {
    uid: "lab-traffic",
    title: "Traffic and distribution",
    panels: [
      {
        title: "Requests by upstream",
        unit: "reqps",
        description: "Tries that have ended.",
        lines: [
          {
            expr: `sum by (pool, upstream) (rate(lb_upstream_requests_total[${WINDOW}]))`,
            legend: "{{pool}}/{{upstream}}",
          },
        ],
      },
      {
        title: "Share of the pool's requests",
        unit: "percentunit",
        description: "To be compared with the configured share beside it.",
        lines: [
          {
            expr: `sum by (pool, upstream) (rate(lb_upstream_requests_total[${WINDOW}])) / on (pool) group_left sum by (pool) (rate(lb_upstream_requests_total[${WINDOW}]))`,
            legend: "{{pool}}/{{upstream}}",
          },
        ],
      },
      {
        title: "Configured share",
        unit: "percentunit",
        description: "Weight over the sum of the pool's weights.",
        lines: [
          {
            expr: "sum by (pool, upstream) (lb_upstream_weight) / on (pool) group_left sum by (pool) (lb_upstream_weight)",
            legend: "{{pool}}/{{upstream}}",
          },
        ],
      },
      {
        title: "Skew",
        unit: "short",
        description: "Largest share over its configured share; 1 is as configured.",
        lines: [{ expr: "lb_distribution_skew", legend: "{{pool}}" }],
      },
      {
        title: "Answers by code and origin",
        unit: "reqps",
        description: "origin: who made the answer, the balancer or the upstream.",
        lines: [
          {
            expr: `sum by (code, origin, flag) (rate(lb_http_requests_total[${WINDOW}]))`,
            legend: "{{code}} {{origin}} {{flag}}",
          },
        ],
      },
      {
        title: "Failed tries by upstream",
        unit: "reqps",
        description: "Everything but an answer that was meant.",
        lines: [
          {
            expr: `sum by (pool, upstream, result) (rate(lb_upstream_requests_total{result!="ok"}[${WINDOW}]))`,
            legend: "{{pool}}/{{upstream}} {{result}}",
          },
        ],
      },
    ],
  },
  balancer: {
    uid: "lab-balancer",
    title: "Balancer",
    panels: [
      {
        title: "Queue",
        unit: "short",
        description: "Requests that wait for a free upstream.",
        lines: [{ expr: "lb_pool_queue_length", legend: "{{pool}}" }],
      },
      {
        title: "In flight",
        unit: "short",
        description: "Requests that each upstream works on.",
        lines: [{ expr: "lb_upstream_in_flight", legend: "{{pool}}/{{upstream}}" }],
      },
      {
        title: "Retries",
        unit: "reqps",
        description: "Tries after the first, and those that the budget did not allow.",
        lines: [
          {
            expr: `sum by (pool, reason) (rate(lb_retries_total[${WINDOW}]))`,
            legend: "{{pool}} {{reason}}",
          },
          {
            expr: `sum by (pool) (rate(lb_retry_budget_denied_total[${WINDOW}]))`,
            legend: "{{pool}} denied",
          },
        ],
      },
      {
        title: "Termination flags",
        unit: "reqps",
        description:
          "UO queue, UF connect, UC reset, UT timeout, UH nobody to choose, NR no route, DC client left.",
        lines: [
          {
            expr: `sum by (flag) (rate(lb_http_requests_total{flag!=""}[${WINDOW}]))`,
            legend: "{{flag}}",
          },
        ],
      },
      {
        title: "Upstreams that are not UP",
        unit: "short",
        description: "1 while it is in that state.",
        lines: [{ expr: 'lb_upstream_state{state!="UP"} == 1', legend: "{{pool}}/{{upstream}} {{state}}" }],
      },
      {
        title: "Connections to upstreams",
        unit: "short",
        description: "Open ones, idle and active.",
        lines: [{ expr: "sum by (pool, state) (lb_upstream_connections)", legend: "{{pool}} {{state}}" }],
      },
      {
        title: "Configuration",
        unit: "short",
        description: "The version in force.",
        lines: [{ expr: "lb_config_version", legend: "version" }],
      },
      {
        title: "Configurations asked for",
        unit: "short",
        description: "In the last minute, by what came of it.",
        lines: [{ expr: "sum by (result) (increase(lb_config_reloads_total[1m]))", legend: "{{result}}" }],
      },
    ],
  },
  backends: {
    uid: "lab-backends",
    title: "Backends",
    panels: [
      {
        title: "In service",
        unit: "short",
        description: "Requests that each backend works on.",
        lines: [{ expr: "backend_in_flight", legend: "{{backend}}" }],
      },
      {
        title: "Waiting",
        unit: "short",
        description: "Requests in each backend's own queue.",
        lines: [{ expr: "backend_queue_length", legend: "{{backend}}" }],
      },
      {
        title: "Saturation",
        unit: "percentunit",
        description: "Busy slots over all slots.",
        lines: [{ expr: "backend_saturation_ratio", legend: "{{backend}}" }],
      },
      {
        title: "Answers by code",
        unit: "reqps",
        description: "As the backends count them.",
        lines: [
          {
            expr: `sum by (backend, code) (rate(backend_requests_total[${WINDOW}]))`,
            legend: "{{backend}} {{code}}",
          },
        ],
      },
      {
        title: "Database queries",
        unit: "s",
        description: "Waiting included.",
        lines: [
          {
            expr: `histogram_quantile(0.95, sum by (le) (rate(database_query_duration_seconds_bucket[${WINDOW}])))`,
            legend: "p95",
          },
        ],
      },
      {
        title: "Restarts",
        unit: "short",
        description: "Of units by themselves, in the last five minutes.",
        lines: [{ expr: "increase(unit_restarts_total[5m]) > 0", legend: "{{unit}}" }],
      },
    ],
  },
};
