import { runUnit } from "../runtime/unit-process.ts";
import { startBackend } from "./backend.ts";
import { parseBackendConfig } from "./config.ts";
import { runBackend } from "./run.ts";

runUnit(parseBackendConfig, (unit) =>
  runBackend(unit, { start: startBackend, exit: (code) => process.exit(code) }),
);
