import { join } from "node:path";
import { exposition } from "../http/exposition.ts";
import type { SightEdges } from "../sight.ts";
import { accessLogPath } from "./access-feed.ts";
import { logTail } from "./log-tail.ts";

/** Looks at programs that write files and answer over HTTP. `root` is the directory that the balancer works in. */
export const sightOfFiles = (logs: string, root: string): SightEdges => ({
  unitLog: (unit, lines) => logTail(join(logs, `${unit}.log`), lines),
  accessLog: (lines) => logTail(accessLogPath(root), lines),
  exposition,
});
