import { AnnotationQueryBuilder, DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** The datasource that the provisioning declares. */
const DATASOURCE = { type: "prometheus", uid: "prometheus" } as const;
/** Panels in a row of Grafana's 24 columns. */
const WIDTH = 12;
const HEIGHT = 8;

/** One line, or one for each label set: an expression and what its lines are called. */
export interface Line {
  readonly expr: string;
  readonly legend: string;
}

export interface PanelSpec {
  readonly title: string;
  /** Grafana's name of a unit: `percentunit` for ratios, `s`, `reqps`, `short`. */
  readonly unit: "percentunit" | "s" | "reqps" | "short";
  readonly description: string;
  readonly lines: readonly Line[];
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

/** A dashboard as Grafana reads it: panels two in a row, and every change as a mark on all of them. */
export function dashboardJson({ uid, title, panels }: DashboardSpec): string {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(["outage-lab"])
    .refresh("5s")
    .time({ from: "now-10m", to: "now" })
    .timezone("utc")
    .readonly();
  for (const mark of CHANGES)
    builder.annotation(
      new AnnotationQueryBuilder()
        .name(mark.name)
        .datasource(DATASOURCE)
        .enable(true)
        .iconColor("orange")
        .expr(mark.expr),
    );
  for (const { title: name, unit, description, lines } of panels) {
    const panel = new PanelBuilder()
      .title(name)
      .description(description)
      .unit(unit)
      .min(0)
      .datasource(DATASOURCE)
      .height(HEIGHT)
      .span(WIDTH);
    lines.forEach(({ expr, legend }, i) =>
      panel.withTarget(
        new DataqueryBuilder()
          .refId(String.fromCodePoint(65 + i))
          .expr(expr)
          .legendFormat(legend),
      ),
    );
    builder.withPanel(panel);
  }
  return `${JSON.stringify(builder.build(), undefined, 2)}\n`;
}

/** What somebody did: a mark on every chart. */
export const CHANGES: readonly { readonly name: string; readonly expr: string }[] = [
  { name: "changes", expr: "sum by (kind) (increase(change_total[5s])) > 0" },
  { name: "configuration", expr: "max(changes(lb_config_version[5s])) > 0" },
];
