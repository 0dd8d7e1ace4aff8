import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { compareLabels } from "./alert-order.ts";
import type { Receiver, Route, WebhookOptions } from "./config.ts";
import type { FiredAlert } from "./fired-alert.ts";
import type { NotificationLog, Reported } from "./notification-log.ts";

export interface AlertGroupConfig {
  readonly route: Route;
  readonly receiver: Receiver;
  readonly groupKey: string;
}

export interface AlertGroupDeps {
  readonly clock: Clock;
  readonly log: NotificationLog;
  /** Inhibited or silenced. */
  readonly isMuted: (alert: FiredAlert) => boolean;
  /** Acknowledged alerts get no reminders. */
  readonly isAcknowledged: (alert: FiredAlert) => boolean;
  readonly notify: (alerts: readonly FiredAlert[], webhook: WebhookOptions) => void;
}

/** Alerts that are notified of together: after the group wait, then once a group interval if there is news, else as reminders. */
export interface AlertGroup {
  put(alert: FiredAlert): void;
  readonly isEmpty: boolean;
  readonly fingerprints: readonly string[];
  stop(): void;
}

/** Why a webhook is notified: something is new, or a reminder is due. */
type Occasion = "news" | "reminder" | undefined;

export function createAlertGroup(config: AlertGroupConfig, deps: AlertGroupDeps): AlertGroup {
  const { route, receiver, groupKey } = config;
  const { clock, log, isMuted, isAcknowledged, notify } = deps;
  const alerts = new Map<string, FiredAlert>();
  let flushedOnce = false;
  let cancel: Cancel = clock.after(route.groupWaitMs, flush);

  function flush(): void {
    flushedOnce = true;
    cancel = clock.after(route.groupIntervalMs, flush);
    const audible = [...alerts.values()]
      .filter((alert) => !isMuted(alert))
      .sort((a, b) => compareLabels(a.labels, b.labels));
    if (audible.length > 0)
      for (const [i, webhook] of receiver.webhooks.entries())
        report(audible, webhook, JSON.stringify([receiver.name, i, groupKey]));
    // Also muted ones, as Alertmanager does: their end is never notified of.
    for (const [id, { endsAt }] of alerts) if (endsAt !== undefined) alerts.delete(id);
  }

  function report(audible: readonly FiredAlert[], webhook: WebhookOptions, key: string): void {
    const firing = audible.filter(isFiring);
    const reported: Reported = {
      at: clock.wall(),
      firing: idsOf(firing),
      resolved: idsOf(audible.filter(({ endsAt }) => endsAt !== undefined)),
    };
    const occasion = occasionOf(log.last(key), reported, webhook.sendsResolved);
    if (occasion === undefined) return;
    // A reminder includes ends since the last notification, as Alertmanager's does, and no acknowledged alerts.
    const due = audible.filter(
      (alert) => !(occasion === "reminder" && isFiring(alert) && isAcknowledged(alert)),
    );
    if (occasion === "reminder" && !due.some(isFiring)) return;
    const sent = webhook.sendsResolved ? due : due.filter(isFiring);
    log.record(key, reported);
    if (sent.length > 0) notify(sent, webhook);
  }

  function occasionOf(before: Reported | undefined, now: Reported, sendsResolved: boolean): Occasion {
    if (!before) return now.firing.size > 0 ? "news" : undefined;
    if (!isWithin(now.firing, before.firing)) return "news";
    if (now.firing.size === 0) return before.firing.size > 0 ? "news" : undefined;
    if (sendsResolved && !isWithin(now.resolved, before.resolved)) return "news";
    return before.at < now.at - route.repeatIntervalMs ? "reminder" : undefined;
  }

  return {
    put(alert) {
      alerts.set(alert.fingerprint, alert);
      // An alert that has fired for longer than the group wait does not wait again.
      if (!flushedOnce && alert.startsAt + route.groupWaitMs < clock.wall()) {
        cancel();
        cancel = clock.after(0, flush);
      }
    },
    get isEmpty() {
      return alerts.size === 0;
    },
    get fingerprints() {
      return [...alerts.keys()];
    },
    stop: () => cancel(),
  };
}

const isFiring = ({ endsAt }: FiredAlert): boolean => endsAt === undefined;

const idsOf = (alerts: readonly FiredAlert[]): ReadonlySet<string> =>
  new Set(alerts.map(({ fingerprint }) => fingerprint));

const isWithin = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean =>
  [...part].every((id) => whole.has(id));
