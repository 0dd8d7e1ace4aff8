import type { ActiveAlert } from "./alert-log.ts";
import type { Notification } from "./pager/notification.ts";

/** What a unit that watches sends to its supervisor, beside `ready`. */
export type ObserverMessage =
  /** All that is pending or firing, after each evaluation that changed or confirmed it. */
  | { readonly type: "alerts"; readonly alerts: readonly ActiveAlert[] }
  /** The pager notified its receiver. */
  | { readonly type: "notification"; readonly notification: Notification };
