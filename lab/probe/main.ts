import { runUnit } from "../../runtime/unit-process.ts";
import { probeConfig } from "./config.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { runProbe } from "./run.ts";
import { createSocketSend } from "./socket.ts";

runUnit(
  (raw) => probeConfig.parse(raw),
  (unit) => {
    const { target, api } = unit.config;
    return runProbe(unit, {
      send: createSocketSend({ service: target, api: api?.target }),
      publish: (registry, address) => serveMetrics(registry, address, unit.lifetime),
    });
  },
);
