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
  /** Kept back by an inhibition or a silence. */
  readonly isMuted: (alert: FiredAlert) => boolean;
  /** Somebody is at it: no reminders. */
  readonly isAcknowledged: (alert: FiredAlert) => boolean;
  readonly notify: (alerts: readonly FiredAlert[], webhook: WebhookOptions) => void;
}

/** Alerts that are told of together: first after a wait, then at most once an interval, and again after a while. */
export interface AlertGroup {
  put(alert: FiredAlert): void;
  readonly isEmpty: boolean;
  readonly fingerprints: readonly string[];
  stop(): void;
}

/** Why a webhook is told: something is new, or it is time to say it again. */
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
    const heard = [...alerts.values()]
      .filter((alert) => !isMuted(alert))
      .sort((a, b) => compareLabels(a.labels, b.labels));
    if (heard.length > 0)
      for (const [i, webhook] of receiver.webhooks.entries())
        report(heard, webhook, JSON.stringify([receiver.name, i, groupKey]));
    // Also those that were kept back, as Alertmanager does: of their end nobody hears.
    for (const [id, { endsAt }] of alerts) if (endsAt !== undefined) alerts.delete(id);
  }

  function report(heard: readonly FiredAlert[], webhook: WebhookOptions, key: string): void {
    const firing = heard.filter(isFiring);
    const reported: Reported = {
      at: clock.wall(),
      firing: idsOf(firing),
      resolved: idsOf(heard.filter(({ endsAt }) => endsAt !== undefined)),
    };
    const occasion = occasionOf(log.last(key), reported, webhook.sendsResolved);
    if (occasion === undefined) return;
    // A reminder tells of ends as well that fall into it, as Alertmanager's; and of nothing that somebody is at.
    const due = heard.filter(
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
      // Whoever has burnt for longer than the wait already does not wait again.
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
