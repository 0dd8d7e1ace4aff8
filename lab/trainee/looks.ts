import type { Clock } from "../../runtime/clock.ts";

/** Decides which reads of a person count as a new look. */
export interface Looks {
  seen(subject: string): void;
}

export interface LooksDeps {
  readonly clock: Pick<Clock, "now">;
  readonly record: (subject: string) => void;
}

/** Another read of the same subject within this time is the same look. */
const SAME_LOOK_MS = 5000;
/** Looks at a subject are at least so far apart, whatever was looked at in between. */
const AT_MOST_EVERY_MS = 1000;

export function createLooks({ clock, record }: LooksDeps): Looks {
  const lastAt = new Map<string, number>();
  let lastSubject: string | undefined;
  return {
    seen(subject) {
      const since = clock.now() - (lastAt.get(subject) ?? -Infinity);
      if (since < (subject === lastSubject ? SAME_LOOK_MS : AT_MOST_EVERY_MS)) return;
      record(subject);
      lastAt.set(subject, clock.now());
      lastSubject = subject;
    },
  };
}
