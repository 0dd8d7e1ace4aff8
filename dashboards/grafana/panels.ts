import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
} from "@grafana/grafana-foundation-sdk/common";
import { VizLegendOptionsBuilder, VizTooltipOptionsBuilder } from "@grafana/grafana-foundation-sdk/common";
import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StatesPanel } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TablePanel } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as LinesPanel } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Line, PanelSpec, Threshold } from "./spec.ts";

/** The datasource that the provisioning declares. */
export const DATASOURCE = { type: "prometheus", uid: "prometheus" } as const;

/** So that `$__rate_interval`, four of these at least, is as long as the windows of the alert rules. */
export const SHORTEST_STEP = "4s";
/** In Grafana's 24 columns: five figures in a row, else two panels. */
const SIZES = { figure: [4, 4], lines: [12, 8], states: [12, 8], table: [24, 8] } as const;
const DASHES = { fill: "dash", dash: [6, 6] } as const;

/** A panel as Grafana reads it. */
export function panelOf(spec: PanelSpec): { build(): Panel } {
  const panel = builderOf(spec)
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .interval(SHORTEST_STEP)
    .span(SIZES[spec.kind][0])
    .height(SIZES[spec.kind][1]);
  spec.lines.forEach((line, i) => panel.withTarget(queryOf(line, i, spec.kind)));
  return panel;
}

function builderOf(spec: PanelSpec) {
  switch (spec.kind) {
    case "lines":
      return linesPanel(spec);
    case "figure":
      return new StatPanel().unit(spec.unit).noValue("none").thresholds(thresholdsOf(spec.thresholds));
    case "states":
      return new StatesPanel()
        .showValue(VisibilityMode.Never)
        .mergeValues(true)
        .mappings([
          {
            type: MappingType.ValueToText,
            options: Object.fromEntries(
              spec.states.map(({ name, color }, value) => [value, { text: name, color, index: value }]),
            ),
          },
        ]);
    case "table":
      return new TablePanel().noValue("none").withTransformation({
        id: "filterFieldsByName",
        options: { include: { names: spec.columns } },
      });
  }
}

function linesPanel({ unit, lines, mayBeNegative = false }: Extract<PanelSpec, { readonly kind: "lines" }>) {
  const panel = new LinesPanel()
    .unit(unit)
    .fillOpacity(0)
    .lineWidth(1)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (!mayBeNegative) panel.min(0);
  lines.forEach(({ dashed }, i) => {
    if (dashed) panel.overrideByQuery(refIdOf(i), [{ id: "custom.lineStyle", value: DASHES }]);
  });
  return panel;
}

function queryOf({ expr, legend }: Line, i: number, kind: PanelSpec["kind"]): DataqueryBuilder {
  const query = new DataqueryBuilder().refId(refIdOf(i)).expr(expr).legendFormat(legend);
  if (kind === "figure") return query.instant();
  return kind === "table" ? query.instant().format(PromQueryFormat.Table) : query.range();
}

const refIdOf = (i: number): string => String.fromCodePoint("A".charCodeAt(0) + i);

const thresholdsOf = (thresholds: readonly Threshold[]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(thresholds.map(({ from, color }) => ({ value: from, color })));
