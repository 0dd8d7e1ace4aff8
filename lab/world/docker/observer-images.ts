/** The images of what watches a lab in containers: the variable that names another one, and the default. */
const OBSERVER_IMAGES = {
  prometheus: { variable: "PROMETHEUS_IMAGE", pinned: "prom/prometheus:v2.53.5" },
  alertmanager: { variable: "ALERTMANAGER_IMAGE", pinned: "prom/alertmanager:v0.28.1" },
  grafana: { variable: "GRAFANA_IMAGE", pinned: "grafana/grafana-oss:11.6.5" },
} as const;

export type Observer = keyof typeof OBSERVER_IMAGES;
export const OBSERVERS = Object.keys(OBSERVER_IMAGES) as readonly Observer[];

/** As Compose interpolates it. */
export function imageTemplate(name: Observer): string {
  const { variable, pinned } = OBSERVER_IMAGES[name];
  return `\${${variable}:-${pinned}}`;
}

export const imageIn = (name: Observer, environment: Readonly<Record<string, string | undefined>>): string =>
  environment[OBSERVER_IMAGES[name].variable] || OBSERVER_IMAGES[name].pinned;

/** Whether this lab or stack has Grafana. */
export const wantsGrafana = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  environment["LBLAB_GRAFANA"] !== "off";
