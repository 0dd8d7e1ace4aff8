import { readToken } from "../../runtime/admin-guard.ts";
import { runUnit } from "../../runtime/unit-process.ts";
import { startMonitoringServer } from "./api/server.ts";
import { evaluatorConfig } from "./config.ts";
import { createTargets } from "./pager/targets/targets.ts";
import { runEvaluator } from "./run.ts";
import { httpGet } from "./scrape/http-get.ts";

runUnit(
  (raw) => evaluatorConfig.parse(raw),
  (unit) => {
    const { clock, log, lifetime, config } = unit;
    const others = createTargets(config.notify ?? {}, { clock, log, signal: lifetime });
    return runEvaluator(unit, {
      get: httpGet,
      tellOthers: (notification) => others.deliver(notification),
      serve: (port, parts) => startMonitoringServer(port, { ...parts, token: readToken(config.tokenPath) }),
    });
  },
);
