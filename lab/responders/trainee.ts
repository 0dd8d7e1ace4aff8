import type { Action } from "../../scenarios/action.ts";
import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { StatusView } from "../control/views.ts";
import type { Checked } from "../drill/desk.ts";
import type { Answer } from "../world/answer.ts";
import type { PortView, UnitView } from "../world/host.ts";
import type { AlertView } from "../observe/alert-log.ts";
import type { QueryAnswer, QueryRequest } from "../world/monitoring.ts";
import type { UnitConfig } from "../world/unit-config.ts";
import type { ActionResult, ChangeEntry, ConfigVersion } from "../world/world.ts";

/** Everything a trainee can see and do, and all that a responder gets. */
export interface Trainee {
  status(): Promise<StatusView>;
  units(): Promise<readonly UnitView[]>;
  /** The settings of one unit, which its next start runs with. */
  unitConfig(unit: string): Promise<UnitConfig>;
  logs(unit: string, lines: number): Promise<readonly string[]>;
  config(version?: number): Promise<{ readonly version: number; readonly yaml: string }>;
  configHistory(): Promise<readonly ConfigVersion[]>;
  changes(): Promise<readonly ChangeEntry[]>;
  ports(): Promise<readonly PortView[]>;
  metrics(unit: string): Promise<string>;
  alerts(): Promise<readonly AlertView[]>;
  /** PromQL. Throws CodedError USAGE with what is wrong in the expression. */
  query(request: QueryRequest): Promise<QueryAnswer>;
  visit(path: string): Promise<Answer>;
  act(step: Action): Promise<ActionResult>;
  check(): Promise<Checked>;
  diagnose(diagnosis: Diagnosis): Promise<void>;
  hint(): Promise<string>;
  end(): Promise<void>;
}
