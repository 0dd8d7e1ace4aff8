import type { KeyName } from "./keys.ts";

/**
 * What a supervisor passes to one start of one process, only over the channel between the two: its configuration, which
 * counts even if a file differs by then, and its keys.
 */
export interface Handover {
  readonly config: unknown;
  readonly keys: Readonly<Partial<Record<KeyName, string>>>;
}

/** A handover as a message of the channel; in a container it is the first line of standard input. */
export interface HandoverMessage extends Handover {
  readonly type: "handover";
}

export const isHandover = (message: unknown): message is HandoverMessage =>
  typeof message === "object" && message !== null && "type" in message && message.type === "handover";
