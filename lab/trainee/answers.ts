import type { Checked } from "../drill/trainee-side.ts";
import type { HeldChange } from "../drill/held-changes.ts";
import type { AuditView, RolloutView } from "../world/rollout-view.ts";
import type { AlertView } from "../observe/alert-log.ts";
import type { SilenceView } from "../observe/pager/silence-view.ts";
import type { Answer } from "../world/answer.ts";
import type { PortView, UnitView } from "../world/host.ts";
import type { QueryAnswer } from "../world/monitoring.ts";
import type { UnitConfig } from "../world/unit-config.ts";
import type { ActionResult } from "../world/action-result.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { ConfigChecked, ConfigVersion } from "../world/world.ts";
import type { ConfigDiff } from "./config-diff.ts";
import type { Debrief } from "./debrief.ts";
import type { DrillPage } from "./drill-page.ts";
import type { Entry } from "./glossary.ts";
import type { PoolView, StatusView, UsersWindow } from "./views.ts";

/** The input was accepted. */
export interface Taken {
  readonly ok: true;
}

/** What guards the balancer's configuration. */
export interface Guards {
  /** The balancer's own; null while it does not answer. */
  readonly balancer: RolloutView | null;
  /** What measures of the drill hold until a reviewer has answered: `config approve held-1`, or `reject`. */
  readonly held: readonly HeldChange[];
}

/** The answer of each operation, as JSON where it leaves the process. */
export interface Answers {
  readonly status: StatusView;
  readonly users: readonly UsersWindow[];
  readonly units: readonly UnitView[];
  readonly unitConfig: UnitConfig;
  readonly logs: readonly string[];
  readonly config: { readonly version: number; readonly yaml: string };
  readonly configHistory: readonly ConfigVersion[];
  readonly configDiff: ConfigDiff;
  readonly rollout: Guards;
  readonly audit: AuditView;
  readonly checkConfig: ConfigChecked;
  readonly changes: readonly ChangeEntry[];
  readonly ports: readonly PortView[];
  readonly metrics: string;
  readonly query: QueryAnswer;
  readonly alerts: readonly AlertView[];
  readonly silences: readonly SilenceView[];
  readonly pools: readonly PoolView[];
  readonly explain: readonly Entry[];
  /** Null while no drill runs. */
  readonly drill: DrillPage | null;
  readonly debrief: Debrief;
  readonly visit: Answer;
  readonly act: ActionResult;
  readonly check: Checked;
  readonly acknowledge: readonly AlertView[];
  readonly silence: ActionResult;
  readonly expireSilence: ActionResult;
  readonly diagnose: Taken;
  readonly hint: { readonly hint: string };
  readonly end: Taken;
}
