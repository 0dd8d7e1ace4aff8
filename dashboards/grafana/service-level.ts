import type { DashboardSpec, Threshold } from "./spec.ts";

/** The objective of the alert rules: 99.5 % of the requests are answered well. */
const OBJECTIVE = 0.995;
const BUDGET = "0.005";

const asked = (range: string): string => `sum(rate(probe_requests_total{route!="api"}[${range}]))`;
const failed = (range: string): string =>
  `sum(rate(probe_requests_total{route!="api", result!="ok"}[${range}]))`;
const failedRatio = (range: string): string => `${failed(range)} / ${asked(range)}`;
const burnRate = (range: string): string => `(${failedRatio(range)}) / ${BUDGET}`;
const waiting = (quantile: number): string =>
  `histogram_quantile(${quantile}, sum by (le) (rate(probe_request_duration_seconds_bucket{route=~"page|account"}[$__rate_interval])))`;

const lowIsGood = (orange: number, red: number): readonly Threshold[] => [
  { from: null, color: "green" },
  { from: orange, color: "orange" },
  { from: red, color: "red" },
];
const highIsGood = (orange: number, green: number): readonly Threshold[] => [
  { from: null, color: "red" },
  { from: orange, color: "orange" },
  { from: green, color: "green" },
];

/** The service level of users, as the prober measures it. */
export const serviceLevel: DashboardSpec = {
  uid: "lab-service-level",
  title: "Service level",
  description: "What users get, as the prober measures it. Look here first.",
  byPool: false,
  panels: [
    {
      kind: "figure",
      title: "Answered well",
      description: "Share of the requests of the last minute. The objective is 99.5 %.",
      unit: "percentunit",
      thresholds: highIsGood(0.95, OBJECTIVE),
      lines: [{ expr: `1 - ${failedRatio("1m")}`, legend: "answered well" }],
    },
    {
      kind: "figure",
      title: "Error budget left",
      description:
        "Of the 0.5 % that may fail, over the time that the dashboard shows. Less than nothing: the objective is missed.",
      unit: "percentunit",
      thresholds: highIsGood(0, 0.5),
      lines: [{ expr: `1 - ${burnRate("$__range")}`, legend: "left" }],
    },
    {
      kind: "figure",
      title: "Burn rate",
      description:
        "How many times as fast as planned the error budget is being spent; above 10 somebody is paged.",
      unit: "short",
      thresholds: lowIsGood(1, 10),
      lines: [{ expr: burnRate("15s"), legend: "burn rate" }],
    },
    {
      kind: "figure",
      title: "Users affected",
      description:
        "Share of the users for whom more than half of the requests to some route failed in the last 10 s.",
      unit: "percentunit",
      thresholds: lowIsGood(0.01, 0.05),
      lines: [{ expr: "max(probe_users_affected_ratio)", legend: "affected" }],
    },
    {
      kind: "figure",
      title: "Slowest twentieth of pages",
      description: "One page in twenty takes longer than this. Above 400 ms somebody is paged.",
      unit: "s",
      thresholds: lowIsGood(0.2, 0.4),
      lines: [{ expr: waiting(0.95), legend: "p95" }],
    },
    {
      kind: "figure",
      title: "Pages",
      description: "Alerts that wake somebody up.",
      unit: "short",
      thresholds: lowIsGood(1, 1),
      lines: [{ expr: 'count(ALERTS{alertstate="firing", severity="page"}) or vector(0)', legend: "pages" }],
    },
    {
      kind: "lines",
      title: "Requests answered well",
      description: "Share of all requests of users, beside the objective.",
      unit: "percentunit",
      lines: [
        { expr: `1 - ${failedRatio("$__rate_interval")}`, legend: "answered well" },
        { expr: `vector(${OBJECTIVE})`, legend: "objective", dashed: true },
      ],
    },
    {
      kind: "lines",
      title: "Burn rate",
      description: "A page needs both: more than 10 in the short window and more than 2 in the long one.",
      unit: "short",
      lines: [
        { expr: burnRate("15s"), legend: "15 s" },
        { expr: burnRate("1m"), legend: "1 min" },
        { expr: "vector(10)", legend: "pages from here (15 s)", dashed: true },
        { expr: "vector(2)", legend: "pages from here (1 min)", dashed: true },
      ],
    },
    {
      kind: "lines",
      title: "Users affected",
      description: "A few users who always fail and many who sometimes do are different incidents.",
      unit: "percentunit",
      lines: [
        { expr: "max(probe_users_affected_ratio)", legend: "users affected" },
        { expr: failedRatio("$__rate_interval"), legend: "requests failed" },
      ],
    },
    {
      kind: "lines",
      title: "Failures by what users got",
      description:
        "status: a 4xx or 5xx; refused: nothing listens; cut: the connection ended early; timeout: no answer in time; wrong: an answer that is not true.",
      unit: "reqps",
      lines: [
        {
          expr: 'sum by (route, result) (rate(probe_requests_total{result!="ok"}[$__rate_interval]))',
          legend: "{{route}} {{result}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "How long pages take",
      description: "Half of the pages, nineteen in twenty, ninety-nine in a hundred take no longer.",
      unit: "s",
      lines: [
        { expr: waiting(0.5), legend: "p50" },
        { expr: waiting(0.95), legend: "p95" },
        { expr: waiting(0.99), legend: "p99" },
      ],
    },
    {
      kind: "lines",
      title: "Failed share by route",
      description: "login: who has to sign in; api: another team that depends on this service.",
      unit: "percentunit",
      lines: [
        {
          expr: 'sum by (route) (rate(probe_requests_total{result!="ok"}[$__rate_interval])) / sum by (route) (rate(probe_requests_total[$__rate_interval]))',
          legend: "{{route}}",
        },
      ],
    },
  ],
};
