import type { Notification } from "../notification.ts";

/** What is posted for one notification. */
export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A kind of place that notifications go to: how it wants to be told. */
export type TargetFormat = (notification: Notification) => Post;
