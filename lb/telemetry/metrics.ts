import { createMetricRegistry, type MetricRegistry } from "../../runtime/metrics/registry.ts";
import { declareCanaryMetrics } from "./canary-metrics.ts";
import { declareRolloutMetrics } from "./rollout-metrics.ts";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Every metric of the balancer's process, in a registry of its own. Label values come from closed sets only. */
export function declareMetrics() {
  const registry = createMetricRegistry();
  const rollout = declareRolloutMetrics(registry);
  const byRoute = declareByRoute(registry);
  const byPool = declareByPool(registry);
  const byUpstream = declareByUpstream(registry);
  return {
    registry,
    canary: declareCanaryMetrics(registry),
    rollout,
    ...byRoute,
    ...byPool,
    ...byUpstream,
    ...declareOfProcess(registry),
    byRoute: Object.values(byRoute),
    byPool: Object.values(byPool),
    byUpstream: Object.values(byUpstream),
  };
}

export type Meters = ReturnType<typeof declareMetrics>;

function declareByRoute(registry: MetricRegistry) {
  const { counter } = registry;
  return {
    requests: counter(
      "lb_http_requests_total",
      "Requests that have ended",
      "route",
      "pool",
      "code",
      "origin",
      "flag",
    ),
    duration: seconds(
      registry,
      "lb_http_request_duration_seconds",
      "From the request's head to the end of its answer",
      "route",
    ),
  };
}

function declareByPool(registry: MetricRegistry) {
  const { counter, gauge } = registry;
  return {
    queueLength: gauge("lb_pool_queue_length", "Requests that wait for a free upstream", "pool"),
    queueTime: seconds(registry, "lb_queue_seconds", "Time that requests waited for a free upstream", "pool"),
    connectTime: seconds(registry, "lb_connect_seconds", "Time to get a connection to an upstream", "pool"),
    responseTime: seconds(
      registry,
      "lb_response_seconds",
      "From the request being sent to the head of the answer",
      "pool",
    ),
    retries: counter("lb_retries_total", "Attempts after the first", "pool", "reason"),
    retriesDenied: counter(
      "lb_retry_budget_denied_total",
      "Retries not made because the budget was spent",
      "pool",
    ),
    panic: gauge(
      "lb_panic_active",
      "1 in panic mode: too few upstreams are healthy, so all that are ready get requests",
      "pool",
    ),
    skew: gauge("lb_distribution_skew", "Largest share of the last 10 s over its configured share", "pool"),
  };
}

function declareByUpstream({ counter, gauge }: MetricRegistry) {
  const upstream = ["pool", "upstream"];
  return {
    attempts: counter(
      "lb_upstream_requests_total",
      "Attempts that have ended, by their result",
      ...upstream,
      "result",
    ),
    ejections: counter("lb_ejections_total", "Times that outlier detection took it out", ...upstream),
    inFlight: gauge("lb_upstream_in_flight", "Requests that it works on", ...upstream),
    tunnels: gauge("lb_upstream_tunnels", "WebSockets and the like among them", ...upstream),
    state: gauge("lb_upstream_state", "1 for the state that it is in", ...upstream, "state"),
    weight: gauge("lb_upstream_weight", "Configured weight", ...upstream),
    effectiveWeight: gauge(
      "lb_upstream_effective_weight",
      "Weight that picks go by now, 0 when not UP",
      ...upstream,
    ),
    checkStatus: gauge(
      "lb_upstream_check_status",
      "1 if the last health check passed; absent: none was made",
      ...upstream,
    ),
    checkDuration: gauge("lb_upstream_check_duration_seconds", "Of the last health check", ...upstream),
    connections: gauge("lb_upstream_connections", "Open connections to it", ...upstream, "state"),
    reuses: counter(
      "lb_upstream_connection_reuses_total",
      "Requests sent on a connection that had served others",
      ...upstream,
    ),
  };
}

function declareOfProcess({ counter, gauge }: MetricRegistry) {
  const version = gauge("lb_config_version", "Version of the configuration in force");
  const reloads = counter(
    "lb_config_reloads_total",
    "Configurations asked for, by what came of it",
    "result",
  );
  for (const result of ["success", "failure"]) reloads.of(result);
  const listenerConnections = gauge(
    "lb_listener_connections",
    "Client connections that are open",
    "listener",
  );
  const listenerLimit = gauge("lb_listener_connections_limit", "Client connections at most", "listener");
  const listenerRefused = counter(
    "lb_listener_connections_refused_total",
    "Client connections that were closed at once, since there were too many",
    "listener",
  );
  const certificateExpiry = gauge(
    "lb_tls_certificate_expiry_timestamp_seconds",
    "Unix time at which the first certificate of a listener expires",
    "listener",
  );
  const reasons = counter(
    "lb_http_requests_failed_total",
    "Requests that were refused, or got no whole answer of an upstream, by why",
    "reason",
  );
  const accessLogDropped = counter(
    "lb_access_log_dropped_total",
    "Access log lines lost because they could not be written",
  );
  return {
    version,
    reloads,
    listenerConnections,
    listenerLimit,
    listenerRefused,
    certificateExpiry,
    reasons,
    accessLogDropped,
  };
}

const seconds = (registry: MetricRegistry, name: string, help: string, ...labelNames: string[]) =>
  registry.histogram({ name, help, labelNames, bounds: SECONDS });
