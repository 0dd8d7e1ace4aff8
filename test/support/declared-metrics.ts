import type { MetricRegistry } from "../../runtime/metrics/registry.ts";
import { metricsText } from "../../runtime/metrics/text.ts";
import { createCapacity } from "../../backends/capacity.ts";
import { createBackendMetrics } from "../../backends/metrics.ts";
import { labMetrics } from "../../lab/control/metrics.ts";
import { createProbeMetrics } from "../../lab/probe/metrics.ts";
import { parseSeries, readExposition } from "../../lab/observe/scrape/exposition.ts";
import type { Flag, AttemptResult } from "../../lb/outcome.ts";
import { declareMetrics } from "../../lb/telemetry/metrics.ts";
import { REASONS } from "../../lb/reasons.ts";
import type { UpstreamView } from "../../lb/balancer.ts";
import { seeded } from "../../runtime/random.ts";
import { unit } from "./evidence.ts";
import { createManualClock } from "./manual-clock.ts";

/** A metric's labels, and all values of those labels that come from a closed set which is known beforehand. */
export type DeclaredLabels = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/** By name, as they are scraped: a histogram is three metrics. */
export type DeclaredMetrics = ReadonlyMap<string, DeclaredLabels>;

const wordsOf = <Word extends string>(words: Readonly<Record<Word, true>>): ReadonlySet<string> =>
  new Set(Object.keys(words));

const FLAGS = wordsOf<Flag>({
  "-": true,
  UH: true,
  UF: true,
  URX: true,
  UC: true,
  UT: true,
  UPE: true,
  UO: true,
  NR: true,
  DC: true,
  DR: true,
});
const TRY_RESULTS = wordsOf<AttemptResult>({
  ok: true,
  "5xx": true,
  refused: true,
  unreachable: true,
  exhausted: true,
  reset: true,
  invalid: true,
  "connect-timeout": true,
  timeout: true,
  cut: true,
  "client-left": true,
});
const UPSTREAM_STATES = wordsOf<UpstreamView["state"]>({
  UP: true,
  DOWN: true,
  DRAIN: true,
  MAINT: true,
  EJECTED: true,
});

/** Values of labels that a process has no series for before something happens. */
const VALUES: Readonly<Record<string, Readonly<Record<string, ReadonlySet<string>>>>> = {
  lb_http_requests_total: { flag: FLAGS, origin: new Set(["balancer", "upstream"]) },
  lb_http_requests_failed_total: { reason: new Set(Object.keys(REASONS)) },
  lb_upstream_requests_total: { result: TRY_RESULTS },
  lb_upstream_state: { state: UPSTREAM_STATES },
  up: { job: new Set(["balancer", "backend", "probe", "lab"]) },
  ALERTS: { alertstate: new Set(["pending", "firing"]), severity: new Set(["page", "inform"]) },
};

/** Every metric that a lab has, out of the very code that declares it. */
export async function declaredMetrics(): Promise<DeclaredMetrics> {
  const metrics = new Map<string, Map<string, Set<string> | undefined>>();
  const add = (name: string, labels: readonly string[]): void => {
    const known = metrics.get(name) ?? new Map<string, Set<string> | undefined>();
    for (const label of [...labels, "job", "instance"]) known.set(label, known.get(label));
    metrics.set(name, known);
  };
  const addRegistry = (registry: MetricRegistry): void => {
    for (const { name, type, labelNames } of registry.read())
      if (type !== "histogram") add(name, labelNames);
      else {
        add(`${name}_bucket`, [...labelNames, "le"]);
        for (const suffix of ["_sum", "_count"]) add(`${name}${suffix}`, labelNames);
      }
  };
  /** What an exposition has, with the values that are there from the start. */
  const addText = (text: string): void =>
    readExposition(text, ({ series }) => {
      const { __name__: name = "", ...labels } = parseSeries(series);
      add(name, Object.keys(labels));
      for (const [label, value] of Object.entries(labels))
        metrics.get(name)?.set(label, new Set([...(metrics.get(name)?.get(label) ?? []), value]));
    });

  addRegistry(declareMetrics().registry);
  const { registry } = createProbeMetrics({ users: 1, requestTimeoutMs: 1000 }, createManualClock());
  addRegistry(registry);
  addText(metricsText(registry));
  const spec = { slots: 1, serviceMs: 1, queueLimit: 1 };
  const capacity = createCapacity(spec, { clock: createManualClock(), random: seeded(1) });
  for (const role of ["web", "auth", "database"] as const) {
    const backend = createBackendMetrics({ name: role, role }, capacity, { count: () => 1 } as never);
    backend.answered(200);
    backend.queried(0.1);
    addText(metricsText(backend.registry()));
  }
  addText(metricsText(labMetrics({ units: () => [unit("web-1")], changes: () => [] })));
  add("up", []);
  add("ALERTS", ["alertname", "alertstate", "severity", "pool", "upstream", "unit", "against"]);

  // Of these, the lab above has only one.
  for (const labels of metrics.values())
    for (const open of ["backend", "role", "unit", "code", "le"])
      if (labels.has(open)) labels.set(open, undefined);
  for (const [name, values] of Object.entries(VALUES))
    for (const [label, words] of Object.entries(values)) metrics.get(name)?.set(label, new Set(words));
  return metrics;
}
