import type { DashboardSpec } from "./spec.ts";

const tries = (by: string): string =>
  `sum by (${by}) (rate(lb_upstream_requests_total{pool=~"$pool"}[$__rate_interval]))`;
const share = `${tries("pool, upstream")} / on (pool) group_left ${tries("pool")}`;
const configuredShare =
  'sum by (pool, upstream) (lb_upstream_weight{pool=~"$pool"}) / on (pool) group_left sum by (pool) (lb_upstream_weight{pool=~"$pool"})';

/** The distribution of requests, beside the configured one. */
export const traffic: DashboardSpec = {
  uid: "lab-traffic",
  title: "Traffic and distribution",
  description: "The distribution of requests, beside the configured one.",
  byPool: true,
  panels: [
    {
      kind: "lines",
      title: "Requests by route",
      description: "Requests that have ended, also those that the balancer answered itself.",
      unit: "reqps",
      lines: [
        {
          expr: 'sum by (route, pool) (rate(lb_http_requests_total{pool=~"$pool"}[$__rate_interval]))',
          legend: "{{route}} to {{pool}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Requests by upstream",
      description: "Attempts that have ended: a retry counts again.",
      unit: "reqps",
      lines: [{ expr: tries("pool, upstream"), legend: "{{pool}}/{{upstream}}" }],
    },
    {
      kind: "lines",
      title: "Share of its pool, beside the configured share",
      description:
        "Dashed is weight over the sum of the pool's weights. Weights that are wrong look well here: compare upstreams with each other, too.",
      unit: "percentunit",
      lines: [
        { expr: share, legend: "{{pool}}/{{upstream}}" },
        { expr: configuredShare, legend: "{{pool}}/{{upstream}} configured", dashed: true },
      ],
    },
    {
      kind: "lines",
      title: "Largest share over its configured share",
      description: "1 is as configured. Over the last 10 s, by the balancer's own count.",
      unit: "short",
      lines: [{ expr: 'max by (pool) (lb_distribution_skew{pool=~"$pool"})', legend: "{{pool}}" }],
    },
    {
      kind: "lines",
      title: "Weights",
      description: "Configured, and dashed what picks go by now: 0 when not UP, less during a slow start.",
      unit: "short",
      lines: [
        {
          expr: 'max by (pool, upstream) (lb_upstream_weight{pool=~"$pool"})',
          legend: "{{pool}}/{{upstream}}",
        },
        {
          expr: 'max by (pool, upstream) (lb_upstream_effective_weight{pool=~"$pool"})',
          legend: "{{pool}}/{{upstream}} now",
          dashed: true,
        },
      ],
    },
    {
      kind: "lines",
      title: "Failed attempts by upstream",
      description: "By result. refused: nothing listens there; unreachable: no route there.",
      unit: "reqps",
      lines: [
        {
          expr: 'sum by (pool, upstream, result) (rate(lb_upstream_requests_total{pool=~"$pool", result!="ok"}[$__rate_interval]))',
          legend: "{{pool}}/{{upstream}} {{result}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Answers by code and origin",
      description:
        "Who made the answer, the balancer or an upstream, is the first question of every diagnosis.",
      unit: "reqps",
      lines: [
        {
          expr: 'sum by (code, origin) (rate(lb_http_requests_total{pool=~"$pool"}[$__rate_interval]))',
          legend: "{{code}} by the {{origin}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "How long requests take",
      description: "From the request's head to the end of its answer, as the balancer sees it.",
      unit: "s",
      lines: [0.5, 0.95, 0.99].map((quantile) => ({
        expr: `histogram_quantile(${quantile}, sum by (le, route) (rate(lb_http_request_duration_seconds_bucket[$__rate_interval])))`,
        legend: `{{route}} p${quantile * 100}`,
      })),
    },
  ],
};
