/** The last notification of one group to one webhook. */
export interface Reported {
  /** Epoch ms. */
  readonly at: number;
  /** Fingerprints. */
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
}

/** Keeps the last notifications, beyond the end of a group: a webhook is not notified again of what it knows. */
export interface NotificationLog {
  last(key: string): Reported | undefined;
  record(key: string, reported: Reported): void;
}

/** Alertmanager's default. */
const RETENTION_MS = 120 * 3_600_000;

export function createNotificationLog(): NotificationLog {
  /** Oldest first. */
  const entries = new Map<string, Reported>();
  return {
    last: (key) => entries.get(key),
    record(key, reported) {
      entries.delete(key);
      entries.set(key, reported);
      for (const [old, { at }] of entries) {
        if (reported.at - at < RETENTION_MS) break;
        entries.delete(old);
      }
    },
  };
}
