import type { Clock } from "../../runtime/clock.ts";
import type { ImpactMeter } from "./impact-meter.ts";
import type { Recorder } from "./recorder.ts";
import { VERDICT_MS, type Watch } from "./watch.ts";

export interface UsersLogDeps {
  readonly clock: Clock;
  readonly recorder: Pick<Recorder, "state" | "record">;
  readonly watch: Pick<Watch, "wellness">;
  readonly meter: Pick<ImpactMeter, "close">;
}

/** Records when users are well again after the impact, and when they no longer are; to be called at every tick. */
export function logUsers({ clock, recorder, watch, meter }: UsersLogDeps): void {
  const { impactAt, wellSince } = recorder.state;
  const from = clock.wall() - VERDICT_MS;
  // Not before the impact has filled a window, or the good seconds before it would count as a recovery.
  if (impactAt === null || from < impactAt) return;
  const { ok } = watch.wellness(from);
  if (ok === (wellSince !== null)) return;
  recorder.record({ event: "users", well: ok, since: new Date(from).toISOString() });
  // Repaired by other means than actions, such as an editor or a signal.
  if (ok) meter.close(from);
}
