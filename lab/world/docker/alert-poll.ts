import { labelsKey } from "../../observe/labels-key.ts";
import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import type { ActiveAlert } from "../../observe/alert-log.ts";
import { ANSWER_WITHIN_MS, OBSERVE_EVERY_MS } from "../timings.ts";

/** Alerts as Prometheus' and Alertmanager's HTTP APIs report them. */
interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
  readonly activeAt: string;
  /** Since 2.43. */
  readonly keepFiringSince?: string;
  readonly value: string;
}
interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly status: { readonly inhibitedBy: readonly string[]; readonly silencedBy: readonly string[] };
}

export interface AlertPollDeps {
  readonly clock: Clock;
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly onActive: (alerts: readonly ActiveAlert[]) => void;
  /** Called once, with the reason, when they have not answered for so long that nobody would be paged. */
  readonly onLost: (reason: string) => void;
}

const LOST_AFTER_MS = 15_000;

/** Polls both once a second for active alerts. While one of them does not answer, the last answer counts. */
export function pollAlerts({ clock, prometheus, alertmanager, onActive, onLost }: AlertPollDeps): Cancel {
  let busy = false;
  let stopped = false;
  let heardAt = clock.now();

  async function poll(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      const [{ data }, fired] = await Promise.all([
        json<{ data: { alerts: readonly PrometheusAlert[] } }>(prometheus, "/api/v1/alerts"),
        json<readonly AlertmanagerAlert[]>(alertmanager, "/api/v2/alerts"),
      ]);
      heardAt = clock.now();
      if (!stopped) onActive(merged(data.alerts, fired));
    } catch (error) {
      // Busy for a moment, or gone: the next poll asks again.
      if (stopped || clock.now() - heardAt < LOST_AFTER_MS) return;
      cancel();
      onLost(
        `Prometheus and Alertmanager have not answered for ${LOST_AFTER_MS / 1000} s: ${messageOf(error)}`,
      );
    } finally {
      busy = false;
    }
  }

  function cancel(): void {
    stopped = true;
    stop();
  }

  const stop = every(clock, OBSERVE_EVERY_MS, () => void poll());
  return cancel;
}

/** An alert's state from Prometheus, and its suppression from Alertmanager. */
export function merged(
  alerts: readonly PrometheusAlert[],
  fired: readonly AlertmanagerAlert[],
): readonly ActiveAlert[] {
  const known = new Map(fired.map((alert) => [labelsKey(alert.labels), alert]));
  return alerts.map(({ labels, annotations, state, activeAt, keepFiringSince, value }) => {
    const reported = known.get(labelsKey(labels));
    const { silencedBy = [], inhibitedBy = [] } = reported?.status ?? {};
    return {
      name: labels["alertname"] ?? "",
      labels,
      annotations,
      state,
      value: Number(value),
      activeAt: Date.parse(activeAt),
      firedAt: state === "firing" ? Date.parse(reported?.startsAt ?? activeAt) : undefined,
      keptSince: keepFiringSince === undefined ? undefined : Date.parse(keepFiringSince),
      suppressed: silencedBy.length > 0 ? "silenced" : inhibitedBy.length > 0 ? "inhibited" : undefined,
    };
  });
}

async function json<T>(origin: string, path: string): Promise<T> {
  const { ok, status, text } = await callHttp({ origin, path, withinMs: ANSWER_WITHIN_MS.program });
  if (!ok) throw new Error(`${origin}${path}: ${status}`);
  return JSON.parse(text) as T;
}
