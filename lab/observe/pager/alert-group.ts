import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { Labels } from "../samples.ts";
import type { Receiver, Route } from "./config.ts";
import type { FiredAlert } from "./fired-alert.ts";

export interface AlertGroupConfig {
  readonly route: Route;
  readonly receiver: Receiver;
  readonly labels: Labels;
}

export interface AlertGroupDeps {
  readonly clock: Clock;
  /** Kept back by an inhibition or a silence. */
  readonly isMuted: (alert: FiredAlert) => boolean;
  readonly notify: (alerts: readonly FiredAlert[], webhook: Receiver["webhooks"][number]) => void;
  /** Nothing is left in it. */
  readonly onEmpty: () => void;
}

/** Alerts that are told of together: first after a wait, then at most once an interval, and again after a while. */
export interface AlertGroup {
  put(alert: FiredAlert): void;
  stop(): void;
}

/** What a webhook was told last. */
interface Told {
  readonly at: number;
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
}

export function createAlertGroup({ route, receiver }: AlertGroupConfig, deps: AlertGroupDeps): AlertGroup {
  const { clock, isMuted, notify, onEmpty } = deps;
  const alerts = new Map<string, FiredAlert>();
  const told = new Map<Receiver["webhooks"][number], Told>();
  let flushedOnce = false;
  let cancel: Cancel = clock.after(route.groupWaitMs, flush);

  function flush(): void {
    flushedOnce = true;
    cancel = clock.after(route.groupIntervalMs, flush);
    const heard = [...alerts.values()].filter((alert) => !isMuted(alert));
    const firing = heard.filter(({ endsAt }) => endsAt === undefined);
    const resolved = heard.filter(({ endsAt }) => endsAt !== undefined);
    for (const webhook of receiver.webhooks) {
      if (!isNews(told.get(webhook), { firing, resolved, sendsResolved: webhook.sendsResolved })) continue;
      told.set(webhook, { at: clock.wall(), firing: idsOf(firing), resolved: idsOf(resolved) });
      const sent = webhook.sendsResolved ? heard : firing;
      if (sent.length > 0) notify(sent, webhook);
    }
    for (const [id, { endsAt }] of alerts) if (endsAt !== undefined) alerts.delete(id);
    if (alerts.size > 0) return;
    cancel();
    onEmpty();
  }

  function isNews(before: Told | undefined, now: News): boolean {
    const { firing, resolved, sendsResolved } = now;
    if (!before) return firing.length > 0;
    if (firing.some(({ fingerprint }) => !before.firing.has(fingerprint))) return true;
    if (firing.length === 0) return before.firing.size > 0;
    if (sendsResolved && resolved.some(({ fingerprint }) => !before.resolved.has(fingerprint))) return true;
    return before.at <= clock.wall() - route.repeatIntervalMs;
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
    stop: () => cancel(),
  };
}

interface News {
  readonly firing: readonly FiredAlert[];
  readonly resolved: readonly FiredAlert[];
  readonly sendsResolved: boolean;
}

const idsOf = (alerts: readonly FiredAlert[]): ReadonlySet<string> =>
  new Set(alerts.map(({ fingerprint }) => fingerprint));
