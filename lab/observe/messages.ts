import type { ActiveAlert } from "./alert-log.ts";
import type { Notification } from "./pager/notification.ts";

/** Messages of the evaluator to its supervisor, beside `ready`. */
export type ObserverMessage =
  /** All pending and firing alerts, after each evaluation that changed or confirmed them. */
  | { readonly type: "alerts"; readonly alerts: readonly ActiveAlert[] }
  /** The pager notified its receiver. */
  | { readonly type: "notification"; readonly notification: Notification };
