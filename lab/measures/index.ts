import { autoRollback } from "./auto-rollback.ts";
import { history } from "./history.ts";
import type { MeasureKind } from "./kind.ts";
import { rightEnvironment } from "./right-environment.ts";
import { semanticCheck } from "./semantic-check.ts";

/** Every measure, in the order in which they are asked about a change: what costs least comes first. */
export const MEASURES: readonly MeasureKind[] = [semanticCheck, rightEnvironment, autoRollback, history];
