import { every } from "../../runtime/clock.ts";
import { seeded } from "../../runtime/random.ts";
import { aborted, runUnit, type UnitProcess } from "../../runtime/unit-process.ts";
import { probeConfig, type ProbeConfig } from "./config.ts";
import { createLedger } from "./ledger.ts";
import { createProbeMetrics, serveMetrics } from "./metrics.ts";
import { startPopulation } from "./population.ts";
import type { ProbeReport } from "./record.ts";
import { createSocketSend } from "./socket.ts";

const REPORT_EVERY_MS = 250;

/** The prober as a unit: the judge's eyes, in a process whose loop nothing else can hold up. */
async function main(unit: UnitProcess<ProbeConfig>): Promise<void> {
  const { clock, config, lifetime } = unit;
  const ledger = createLedger();
  const metrics = createProbeMetrics(config.users.count, clock);
  const metricsPort =
    config.metricsPort === undefined
      ? undefined
      : await serveMetrics(metrics.registry, config.metricsPort, lifetime);
  const stopUsers = startPopulation(config, {
    clock,
    random: seeded(config.seed).fork("probe"),
    send: createSocketSend({ service: config.target, api: config.api?.target }),
    ledger,
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

runUnit((raw) => probeConfig.parse(raw), main);
