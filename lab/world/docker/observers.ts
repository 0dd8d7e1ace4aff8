import {
  GRAFANA_PROFILE_TEMPLATE,
  hardened,
  HEALTH_TIMES,
  OBSERVE_PROFILE,
  ownTmpfs,
  ownUrl,
  published,
  type ComposeOptions,
} from "./compose-parts.ts";
import { imageTemplate } from "./observer-images.ts";
import { observerPorts } from "./observer-ports.ts";
import { runLabels } from "./run-mark.ts";

/** The user `nobody`, as which the official images of Prometheus and Alertmanager run. */
const NOBODY = "65534:65534";
/** Of each of them. */
const MAX_PROCESSES = 256;

/** Prometheus, Alertmanager and Grafana, as Compose services. Their links use the addresses that this machine reaches them on. */
export function observerServices(options: ComposeOptions): Readonly<Record<string, object>> {
  return {
    prometheus: prometheusService(options),
    alertmanager: alertmanagerService(options),
    grafana: grafanaService(options),
  };
}

function prometheusService(options: ComposeOptions): object {
  const { files, dashboards, plan, mark } = options;
  const prometheus = { name: "prometheus", port: observerPorts(plan).prometheus, inside: 9090 };
  return {
    ...hardened(options),
    pids_limit: MAX_PROCESSES,
    profiles: [OBSERVE_PROFILE],
    image: imageTemplate("prometheus"),
    command: [
      "--config.file=/etc/prometheus/prometheus.yml",
      "--storage.tsdb.path=/prometheus",
      "--storage.tsdb.retention.time=6h",
      "--web.listen-address=:9090",
      `--web.external-url=${ownUrl(options, prometheus)}`,
    ],
    labels: runLabels(mark, "prometheus"),
    user: NOBODY,
    read_only: true,
    tmpfs: [ownTmpfs("/prometheus", NOBODY), "/tmp"],
    mem_limit: 512 * 2 ** 20,
    cpus: 1,
    volumes: [
      `${dashboards}/prometheus.yml:/etc/prometheus/prometheus.yml:ro`,
      `${dashboards}/alerts:/etc/prometheus/alerts:ro`,
      `${files}/targets:/etc/prometheus/targets:ro`,
    ],
    ports: [published(options, prometheus)],
    healthcheck: wget("/bin/wget", "http://127.0.0.1:9090/-/healthy"),
  };
}

function alertmanagerService(options: ComposeOptions): object {
  const { dashboards, plan, mark } = options;
  const alertmanager = { name: "alertmanager", port: observerPorts(plan).alertmanager, inside: 9093 };
  return {
    ...hardened(options),
    pids_limit: MAX_PROCESSES,
    profiles: [OBSERVE_PROFILE],
    image: imageTemplate("alertmanager"),
    command: [
      "--config.file=/etc/alertmanager/alertmanager.yml",
      "--storage.path=/alertmanager",
      "--cluster.listen-address=",
      "--web.listen-address=:9093",
      `--web.external-url=${ownUrl(options, alertmanager)}`,
    ],
    labels: runLabels(mark, "alertmanager"),
    user: NOBODY,
    read_only: true,
    tmpfs: [ownTmpfs("/alertmanager", NOBODY), "/tmp"],
    mem_limit: 128 * 2 ** 20,
    cpus: 0.5,
    volumes: [`${dashboards}/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro`],
    ports: [published(options, alertmanager)],
    healthcheck: wget("/bin/wget", "http://127.0.0.1:9093/-/healthy"),
  };
}

function grafanaService(options: ComposeOptions): object {
  const { dashboards, plan, mark, supervised } = options;
  const grafana = { name: "grafana", port: observerPorts(plan).grafana, inside: 3000 };
  return {
    ...hardened(options),
    pids_limit: MAX_PROCESSES,
    profiles: [GRAFANA_PROFILE_TEMPLATE],
    image: imageTemplate("grafana"),
    labels: runLabels(mark, "grafana"),
    environment: {
      // Whoever reaches it may look, and explore; nobody signs in, and there is no admin with a known password.
      GF_AUTH_ANONYMOUS_ENABLED: "true",
      GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
      GF_USERS_VIEWERS_CAN_EDIT: "true",
      GF_AUTH_DISABLE_LOGIN_FORM: "true",
      GF_AUTH_BASIC_ENABLED: "false",
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
      GF_SERVER_ROOT_URL: ownUrl(options, grafana),
      GF_ANALYTICS_REPORTING_ENABLED: "false",
      GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: "/etc/grafana/dashboards/service-level.json",
    },
    mem_limit: 512 * 2 ** 20,
    cpus: 1,
    volumes: [
      `${dashboards}/grafana/provisioning:/etc/grafana/provisioning:ro`,
      `${dashboards}/grafana/json/${supervised ? "lab" : "plain"}:/etc/grafana/dashboards:ro`,
    ],
    ports: [published(options, grafana)],
    healthcheck: wget("wget", "http://127.0.0.1:3000/api/health"),
  };
}

const wget = (program: string, url: string) => ({
  ...HEALTH_TIMES,
  test: ["CMD", program, "-q", "-O", "/dev/null", url],
});
