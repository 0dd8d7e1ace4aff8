import { runUnit } from "../../runtime/unit-process.ts";
import { loadConfig } from "./config.ts";
import { openConnection } from "./connection.ts";
import { runLoad } from "./run.ts";

/** Live it is autocannon that loads. */
runUnit(
  (raw) => loadConfig.parse(raw),
  (unit) => runLoad(unit, openConnection),
);
