import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DATASOURCE, panelOf, SHORTEST_STEP } from "./panels.ts";
import type { DashboardSpec, Setting } from "./spec.ts";

const TAG = "outage-lab";

/** Annotations on every chart. */
export const MARKS: readonly {
  readonly name: string;
  readonly color: "blue" | "purple" | "red";
  readonly expr: string;
  readonly text: string;
  readonly only?: Setting;
}[] = [
  {
    name: "Changes",
    only: "lab",
    color: "blue",
    expr: "sum by (kind) (changes(change_total[$__rate_interval])) > 0",
    text: "change: {{kind}}",
  },
  {
    name: "Configuration versions",
    color: "purple",
    expr: "max(changes(lb_config_version[$__rate_interval])) > 0",
    text: "another configuration in force",
  },
  {
    name: "Pages",
    color: "red",
    expr: 'max by (alertname) (ALERTS{alertstate="firing", severity="page"})',
    text: "{{alertname}} fires",
  },
];

/** A dashboard as Grafana reads it, with the marks and panels that have data there, and links to the others. */
export function dashboardJson(
  { uid, title, description, byPool, panels }: DashboardSpec,
  setting: Setting,
): string {
  const isShown = ({ only = setting }: { readonly only?: Setting }): boolean => only === setting;
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .refresh("5s")
    .time({ from: "now-15m", to: "now" })
    .timezone("utc")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new DashboardLinkBuilder("Dashboards of the lab")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true),
    );
  if (byPool)
    builder.withVariable(
      new QueryVariableBuilder("pool")
        .label("Pool")
        .datasource(DATASOURCE)
        .query({ query: "label_values(lb_upstream_weight, pool)", refId: "pool" })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .sort(VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .allValue(".*")
        .current({ selected: true, text: "All", value: "$__all" }),
    );
  for (const { name, color, expr, text } of MARKS.filter(isShown))
    builder.annotation(
      new AnnotationQueryBuilder()
        .name(name)
        .datasource(DATASOURCE)
        .enable(true)
        .iconColor(color)
        .expr(expr)
        .step(SHORTEST_STEP)
        .titleFormat(text),
    );
  for (const panel of panels.filter(isShown)) builder.withPanel(panelOf(panel));
  const built = builder.build();
  // Grafana numbers panels without an id itself, and differently after each change.
  const numbered = built.panels?.map((panel, i) => Object.assign(panel, { id: i + 1 }));
  return `${JSON.stringify({ ...built, panels: numbered }, undefined, 2)}\n`;
}
