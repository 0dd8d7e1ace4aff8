import { readToken } from "../../runtime/admin-guard.ts";
import { readSecretFile } from "../../runtime/secret-file.ts";
import { runUnit } from "../../runtime/unit-process.ts";
import { startMonitoringServer } from "./api/server.ts";
import { evaluatorConfig, type EvaluatorConfig } from "./config.ts";
import { createTargets, type TargetName, type TargetsConfig } from "./pager/targets/targets.ts";
import { runEvaluator } from "./run.ts";
import { httpGet } from "./scrape/http-get.ts";
import { readRuleFiles, readTextFile } from "./read-text-files.ts";

runUnit(
  (raw) => evaluatorConfig.parse(raw),
  (unit) => {
    const { clock, log, lifetime, config } = unit;
    const others = createTargets(targetsOf(config.notify), { clock, log, signal: lifetime });
    return runEvaluator(unit, {
      get: httpGet,
      readRules: () => readRuleFiles(config.rules),
      readPager: () => readTextFile(config.alertmanager),
      notifyOthers: (notification) => others.deliver(notification),
      serve: (port, parts) => startMonitoringServer(port, { ...parts, token: readToken(config.tokenPath) }),
    });
  },
);

function targetsOf(notify: EvaluatorConfig["notify"] = {}): TargetsConfig {
  const names = Object.keys(notify) as TargetName[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const path = notify[name]?.urlPath;
      return path === undefined
        ? []
        : [[name, { url: readSecretFile(path, `the file of the pager's ${name} target`) }]];
    }),
  );
}
