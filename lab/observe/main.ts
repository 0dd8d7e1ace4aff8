import { readToken } from "../../runtime/admin-guard.ts";
import { runUnit } from "../../runtime/unit-process.ts";
import { startMonitoringServer } from "./api/server.ts";
import { evaluatorConfig } from "./config.ts";
import { runEvaluator } from "./run.ts";
import { httpGet } from "./scrape/http-get.ts";

runUnit(
  (raw) => evaluatorConfig.parse(raw),
  (unit) =>
    runEvaluator(unit, {
      get: httpGet,
      serve: (port, parts) =>
        startMonitoringServer(port, { ...parts, token: readToken(unit.config.tokenPath) }),
    }),
);
