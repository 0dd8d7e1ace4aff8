import { every } from "../../../../runtime/clock.ts";
import { aborted } from "../../../../runtime/unit-process.ts";
import { evaluatorConfig } from "../../../observe/config.ts";
import type { ProbeReport } from "../../../probe/record.ts";
import { createFailureRule, notificationOf } from "../failure-rule.ts";
import type { Program } from "../process.ts";

/** What watches and pages. `onProbe` tells it what the prober reports. */
export const evaluatorProgram =
  (onProbe: (run: (report: ProbeReport) => void) => () => void): Program =>
  async ({ unit, promises }) => {
    const { intervalMs } = evaluatorConfig.parse(unit.config);
    const rule = createFailureRule(unit.clock);
    const stopListening = onProbe((report) => rule.probed(report));
    let toldOf: number | undefined;
    // Who is paged acts, and whoever acts waits for promises.
    const stopEvaluating = every(promises, intervalMs, () => {
      const alert = rule.evaluate();
      unit.send({ type: "alerts", alerts: alert ? [alert] : [] });
      if (alert?.state !== "firing" || alert.activeAt === toldOf) return;
      toldOf = alert.activeAt;
      unit.send({ type: "told", notification: notificationOf(alert) });
    });
    unit.ready();
    await aborted(unit.lifetime);
    stopEvaluating();
    stopListening();
  };
