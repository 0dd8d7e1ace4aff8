import { MARKS } from "../../dashboards/grafana/dashboard.ts";
import { DASHBOARDS } from "../../dashboards/grafana/dashboards.ts";

/** What Grafana replaces before it queries. */
const filledIn = (expr: string): string =>
  expr.replaceAll("$__rate_interval", "16s").replaceAll("$__range", "1m").replaceAll("$pool", ".*");

/** Every query of a dashboard: where, the expression, and what its lines are called. */
export const DASHBOARD_EXPRESSIONS: readonly (readonly [string, string, string])[] = [
  ...Object.entries(DASHBOARDS).flatMap(([file, { panels }]) =>
    panels.flatMap(({ title, lines }) =>
      lines.map(({ expr, legend }) => [`${file}: ${title}`, filledIn(expr), legend] as const),
    ),
  ),
  ...MARKS.map(({ name, expr, text }) => [`mark: ${name}`, filledIn(expr), text] as const),
];
