import type { Notification } from "../notification.ts";

/** The request for one notification. */
export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Formats a notification for one kind of target. */
export type TargetFormat = (notification: Notification) => Post;
