import { anomalyDetection } from "./anomaly-detection.ts";
import { audit } from "./audit.ts";
import { autoRollback } from "./auto-rollback.ts";
import { canary } from "./canary.ts";
import { distributionAlert } from "./distribution-alert.ts";
import { history } from "./history.ts";
import type { MeasureKind } from "./kind.ts";
import { retryDiscipline } from "./retry-discipline.ts";
import { review } from "./review.ts";
import { rightEnvironment } from "./right-environment.ts";
import { semanticCheck } from "./semantic-check.ts";
import { syntaxCheck } from "./syntax-check.ts";
import { trialBind } from "./trial-bind.ts";

/** Every measure, in the order in which they are asked about a change: people come after what costs nothing. */
export const MEASURES: readonly MeasureKind[] = [
  syntaxCheck,
  semanticCheck,
  trialBind,
  rightEnvironment,
  review,
  canary,
  autoRollback,
  history,
  audit,
  distributionAlert,
  anomalyDetection,
  retryDiscipline,
];
