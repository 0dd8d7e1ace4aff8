import { every } from "../../runtime/clock.ts";
import { seeded } from "../../runtime/random.ts";
import { aborted } from "../../runtime/aborted.ts";
import type { UnitProcess } from "../../runtime/unit-process.ts";
import type { ProbeConfig } from "./config.ts";
import { createLedger } from "./ledger.ts";
import { createProbeMetrics } from "./metrics.ts";
import { startPopulation } from "./population.ts";
import type { ProbeReport } from "./record.ts";
import { createProving } from "./proving.ts";
import type { Send } from "./request.ts";
import type { MetricRegistry } from "../../runtime/metrics/registry.ts";

const REPORT_EVERY_MS = 250;

export interface ProbeEdges {
  readonly send: Send;
  /** Publishes the metrics on this port until the process ends. Resolves with the port. */
  publish(
    registry: MetricRegistry,
    address: { readonly host: string; readonly port: number },
  ): Promise<number>;
}

/** The prober as a unit: it measures users for the judge, in a process whose loop nothing else can hold up. */
export async function runProbe(unit: UnitProcess<ProbeConfig>, { send, publish }: ProbeEdges): Promise<void> {
  const { clock, config, lifetime } = unit;
  const ledger = createLedger();
  const metrics = createProbeMetrics(
    {
      users: config.users.count,
      requestTimeoutMs: Math.max(config.timeoutMs, config.login?.patienceMs ?? 0),
    },
    clock,
  );
  const metricsPort =
    config.metricsPort === undefined
      ? undefined
      : await publish(metrics.registry, { host: config.metricsHost, port: config.metricsPort });
  const random = seeded(config.seed).fork("probe");
  const stopUsers = startPopulation(config, {
    clock,
    random,
    send,
    ledger,
    proving: createProving(config, unit.keys),
  });
  const stopReports = every(clock, REPORT_EVERY_MS, report);
  unit.ready(metricsPort === undefined ? {} : { metricsPort });
  const rampMs = config.login?.rampMs ?? 0;
  const announce = () => unit.send({ type: "probe-ready" });
  const cancelRamp = rampMs === 0 ? (announce(), () => {}) : clock.after(rampMs, announce);

  await aborted(lifetime);
  cancelRamp();
  stopUsers();
  stopReports();
  report();

  function report() {
    const { records, openSince } = ledger.take();
    metrics.observe(records);
    const message: ProbeReport = { type: "probe", at: clock.wall(), records, openSince };
    unit.send({ ...message });
  }
}
