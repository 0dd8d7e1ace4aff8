import type { Clock } from "../../../runtime/clock.ts";
import type { RestartPolicy } from "../restart-policy.ts";

/** Counts a unit's starts, as systemd's StartLimit*=. */
export interface StartLimit {
  /** Starts within the interval. */
  readonly recent: number;
  readonly isHit: boolean;
  count(): void;
  /** Counts from zero, as `systemctl reset-failed` does. */
  reset(): void;
}

export function createStartLimit(
  { burst, intervalMs }: RestartPolicy["startLimit"],
  clock: Clock,
): StartLimit {
  let starts: number[] = [];
  const within = (): number[] => starts.filter((at) => clock.now() - at < intervalMs);
  return {
    get recent() {
      return within().length;
    },
    get isHit() {
      return within().length >= burst;
    },
    count() {
      starts = [...within(), clock.now()];
    },
    reset() {
      starts = [];
    },
  };
}
