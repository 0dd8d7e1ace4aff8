import { readLogLevel } from "../runtime/log-level.ts";
import { runUnit } from "../runtime/unit-process.ts";
import { startBalancer } from "./process.ts";
import { balancerUnitConfig, runBalancer } from "./run.ts";

runUnit(
  (raw) => balancerUnitConfig.parse(raw),
  (unit) => {
    const { config, clock, log, keys } = unit;
    const { configPath, tokenPath } = config;
    return runBalancer(unit, (random) =>
      startBalancer(
        { configPath, ...(tokenPath === undefined ? {} : { adminTokenPath: tokenPath }) },
        {
          clock,
          random,
          log,
          signWay: keys.way,
          logLevel: readLogLevel(process.env["LBLAB_LOG_LEVEL"], "LBLAB_LOG_LEVEL"),
        },
      ),
    );
  },
);
