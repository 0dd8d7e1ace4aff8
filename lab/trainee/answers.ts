import type { Checked } from "../drill/desk.ts";
import type { AlertView } from "../observe/alert-log.ts";
import type { Answer } from "../world/answer.ts";
import type { PortView, UnitView } from "../world/host.ts";
import type { QueryAnswer } from "../world/monitoring.ts";
import type { UnitConfig } from "../world/unit-config.ts";
import type { ActionResult, ChangeEntry, ConfigVersion } from "../world/world.ts";
import type { StatusView } from "./views.ts";

/** It was taken. */
export interface Taken {
  readonly ok: true;
}

/** What comes out of each operation, as JSON where it leaves the process. */
export interface Answers {
  readonly status: StatusView;
  readonly units: readonly UnitView[];
  readonly unitConfig: UnitConfig;
  readonly logs: readonly string[];
  readonly config: { readonly version: number; readonly yaml: string };
  readonly configHistory: readonly ConfigVersion[];
  readonly changes: readonly ChangeEntry[];
  readonly ports: readonly PortView[];
  readonly metrics: string;
  readonly query: QueryAnswer;
  readonly alerts: readonly AlertView[];
  readonly visit: Answer;
  readonly act: ActionResult;
  readonly check: Checked;
  readonly acknowledge: readonly AlertView[];
  readonly silence: ActionResult;
  readonly diagnose: Taken;
  readonly hint: { readonly hint: string };
  readonly end: Taken;
}
