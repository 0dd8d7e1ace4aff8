import type { Clock } from "../../runtime/clock.ts";

/** Which of the things that a person reads count as a look of their own. */
export interface Looks {
  seen(subject: string): void;
}

export interface LooksDeps {
  readonly clock: Pick<Clock, "now">;
  readonly record: (subject: string) => void;
}

/** Who looks at the same thing again so soon still looks at it. */
const SAME_LOOK_MS = 5000;
/** Nobody looks at a thing more often, whatever was looked at in between. */
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
