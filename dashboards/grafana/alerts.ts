import type { DashboardSpec } from "./spec.ts";

const byKind = (severity: string): string =>
  `max by (alertname) (ALERTS{severity="${severity}", alertstate="pending"} * 0 or ALERTS{severity="${severity}", alertstate="firing"})`;
const STATES = [
  { name: "pending", color: "orange" },
  { name: "firing", color: "red" },
] as const;

/** Firing alerts, and changes before them. */
export const alerts: DashboardSpec = {
  uid: "lab-alerts",
  title: "Alerts and changes",
  description: "What fires, since when, and what was changed before.",
  byPool: false,
  panels: [
    {
      kind: "table",
      title: "Firing now",
      description: "severity page wakes somebody up, inform is only to be read.",
      columns: ["alertname", "severity", "pool", "upstream", "unit"],
      lines: [
        {
          expr: 'max by (alertname, severity, pool, upstream, unit) (ALERTS{alertstate="firing"})',
          legend: "{{alertname}}",
        },
      ],
    },
    {
      kind: "states",
      title: "Symptoms: what users feel",
      description: "These page.",
      states: STATES,
      lines: [{ expr: byKind("page"), legend: "{{alertname}}" }],
    },
    {
      kind: "states",
      title: "Causes: what parts of the system see of themselves",
      description: "These inform.",
      states: STATES,
      lines: [{ expr: byKind("inform"), legend: "{{alertname}}" }],
    },
    {
      kind: "lines",
      title: "Changes",
      only: "lab",
      description: "Entries of the change log, by kind: lblab changes shows them.",
      unit: "short",
      lines: [{ expr: "sum by (kind) (change_total)", legend: "{{kind}}" }],
    },
    {
      kind: "lines",
      title: "Configuration in force",
      description: "Its version.",
      unit: "short",
      lines: [{ expr: "max(lb_config_version)", legend: "version" }],
    },
  ],
};
