import type { Hashing } from "../../../runtime/hashing.ts";
import type { MonitoringTexts } from "../../observe/text-file.ts";
import type { NextTurn } from "./virtual-time.ts";

/** What a simulated world takes of the machine that it runs on: node, or a browser. */
export interface Platform {
  readonly hashing: Hashing;
  readonly texts: MonitoringTexts;
  readonly nextTurn: NextTurn;
}
