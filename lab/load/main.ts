import { runUnit } from "../../runtime/unit-process.ts";
import { loadConfig } from "./config.ts";
import { openConnection } from "./connection.ts";
import { runLoad } from "./run.ts";

/** In the live lab autocannon makes the load. */
runUnit(
  (raw) => loadConfig.parse(raw),
  (unit) => runLoad(unit, openConnection),
);
