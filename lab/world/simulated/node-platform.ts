import { join } from "node:path";
import { nodeHashing } from "../../../runtime/node-hashing.ts";
import { readRuleFiles, readTextFile } from "../../observe/read-text-files.ts";
import { nodeTurn } from "./node-time.ts";
import type { Platform } from "./platform.ts";
import { makeObjectsYoung } from "./young-objects.ts";

/** Node, with the alert rules and the pager's configuration of this directory. Throws the system's error. */
export function nodePlatform(dashboards: string): Platform {
  makeObjectsYoung();
  return {
    hashing: nodeHashing,
    texts: {
      rules: readRuleFiles(join(dashboards, "alerts")),
      pager: readTextFile(join(dashboards, "alertmanager.yml")),
    },
    nextTurn: nodeTurn,
  };
}
