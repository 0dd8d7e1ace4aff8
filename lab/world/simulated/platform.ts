import type { Hashing } from "../../../runtime/hashing.ts";
import type { MonitoringTexts } from "../../observe/text-file.ts";
import type { NextTurn } from "./virtual-time.ts";

/** What a simulated world needs of the platform that it runs on: Node, or a browser. */
export interface Platform {
  readonly hashing: Hashing;
  readonly texts: MonitoringTexts;
  readonly nextTurn: NextTurn;
}
