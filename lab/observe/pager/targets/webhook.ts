import type { TargetFormat } from "./target.ts";

/** Alertmanager's own webhook: the notification as it is. */
export const webhook: TargetFormat = (notification) => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(notification),
});
