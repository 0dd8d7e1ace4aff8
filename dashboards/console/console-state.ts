import { computed, signal } from "@preact/signals";
import type { LabEvent } from "../../lab/events/event.ts";
import { slowestP95 } from "../../lab/judge/window.ts";
import type { TrafficView } from "../../lab/events/traffic-view.ts";
import type { JournalLine } from "../../lab/drill/events.ts";
import type { StatusView, UsersWindow } from "../../lab/trainee/views.ts";
import type { Cancel } from "../../runtime/clock.ts";
import type { ChangeEntry } from "../../lab/world/change-entry.ts";
import type { ConsoleWorld } from "./world/console-world.ts";

/** One figure of the users, and when it held (epoch ms of the lab). */
export interface UsersPoint {
  readonly at: number;
  readonly failedRatio: number;
  readonly affectedRatio: number;
  /** See `slowestP95`. */
  readonly p95Ms: number | undefined;
  readonly requestsPerSecond: number;
}

/** Half an hour of four points a second. */
const MAX_POINTS = 30 * 60 * 4;

/** What a page knows of its lab, kept up to date by the lab's events. */
export function createConsoleState(world: ConsoleWorld) {
  const status = signal<StatusView | undefined>(undefined);
  const traffic = signal<TrafficView | undefined>(undefined);
  const journal = signal<readonly JournalLine[]>([]);
  const changes = signal<readonly ChangeEntry[]>([]);
  const points = signal<readonly UsersPoint[]>([]);
  const trouble = signal<string | undefined>(undefined);
  /** Epoch ms of the lab's clock. */
  const now = signal(0);

  function onEvent(event: LabEvent): void {
    switch (event.type) {
      case "state":
        status.value = event.state;
        // Before the first traffic the lab's clock is not known.
        if (now.value > 0)
          points.value = [...points.value.slice(1 - MAX_POINTS), pointOf(event.state, now.value)];
        return;
      case "traffic":
        traffic.value = event.traffic;
        now.value = event.traffic.to;
        return;
      case "journal":
        journal.value = [...journal.value, event.line];
        return;
      case "change":
        changes.value = [...changes.value, event.change];
        return;
      case "unit":
      case "alert":
        // Both are in the next state.
        return;
    }
  }
  /** What happened before the page was opened, or opened again: the journal comes by itself. */
  async function recall(): Promise<void> {
    const background = { background: true } as const;
    const [past, made] = await Promise.all([
      world.trainee.users({}, background),
      world.trainee.changes({}, background),
    ]);
    const first = points.value[0]?.at ?? Infinity;
    // The last window still goes on: a part of it would show a jump that there was not.
    const whole = past.slice(0, -1).filter(({ to }) => to < first);
    points.value = [...whole.map(pastPoint), ...points.value];
    const known = new Set(changes.value.map(({ id }) => id));
    changes.value = [...made.filter(({ id }) => !known.has(id)), ...changes.value];
  }
  // Without an answer the chart begins now, and the page says what the trouble is.
  recall().catch(() => {});
  const cancels: Cancel[] = [world.onEvent(onEvent), world.onTrouble((why) => void (trouble.value = why))];
  return {
    status,
    traffic,
    journal,
    changes,
    points,
    trouble,
    now,
    drill: computed(() => status.value?.drill),
    phase: computed(() => status.value?.drill?.phase),
    close: () => cancels.forEach((cancel) => cancel()),
  };
}

export type ConsoleState = ReturnType<typeof createConsoleState>;

const pastPoint = ({
  to,
  requests,
  failed,
  affectedRatio,
  p95Ms,
  requestsPerSecond,
}: UsersWindow): UsersPoint => ({
  at: to,
  failedRatio: requests === 0 ? 0 : failed / requests,
  affectedRatio,
  p95Ms,
  requestsPerSecond,
});

const pointOf = ({ users }: StatusView, at: number): UsersPoint => ({
  at,
  failedRatio: users.failedRatio,
  affectedRatio: users.affectedRatio,
  p95Ms: slowestP95(users.routes),
  requestsPerSecond: users.requestsPerSecond,
});
