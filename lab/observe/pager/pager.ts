import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { graphPath } from "../graph-link.ts";
import { withoutEmpty } from "../labels-key.ts";
import type { AlertInstance } from "../rules/alert.ts";
import type { LabelMatcher, Labels } from "../samples.ts";
import { createAlertGroup, type AlertGroup } from "./alert-group.ts";
import { compareLabels } from "./alert-order.ts";
import type { PagerConfig } from "./config.ts";
import type { FiredAlert } from "./fired-alert.ts";
import { fingerprint } from "./fingerprint.ts";
import { createInhibition } from "./inhibition.ts";
import { labelTest } from "./matching.ts";
import { createNotificationLog } from "./notification-log.ts";
import type { Notification } from "./notification.ts";
import { payload } from "./payload.ts";
import { createRouting, type Destination } from "./routing.ts";
import { createSilences, type Silences } from "./silences.ts";

export interface PagerDeps {
  readonly clock: Clock;
  readonly onNotification: (notification: Notification) => void;
  /** Base URL of the pager's pages, for every notification. */
  readonly externalUrl?: () => string;
}

/** What keeps an alert from being notified of. */
export interface Suppression {
  /** Fingerprints of alerts. */
  readonly inhibitedBy: readonly string[];
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
}

/** A firing alert and what the pager has done about it. Times are epoch ms. */
export interface PagedAlert extends Suppression {
  readonly alert: FiredAlert;
  readonly receivers: readonly string[];
  /** When it was notified of first; undefined while it was not. */
  readonly notifiedAt: number | undefined;
  readonly acknowledged: Acknowledgement | undefined;
  /** When it was observed last. */
  readonly observedAt: number | undefined;
}

/** Alerts of which one receiver is notified together. */
export interface PagedGroup {
  readonly receiver: string;
  /** The labels that its alerts are grouped by. */
  readonly labels: Labels;
  /** Of its alerts, including ended ones whose end is still to be notified of. */
  readonly fingerprints: readonly string[];
}

export interface Acknowledgement {
  readonly by: string;
  readonly at: number;
}

/** Handles alerts as Alertmanager does: routes, groups, inhibits, silences, notifies, and sends reminders. */
export interface Pager {
  /** Takes all alerts that fire now; those that fired before and are not among them have ended. */
  observe(active: readonly AlertInstance[], atMs: number): void;
  /** What suppresses an alert with these labels now. */
  suppression(labels: Labels): Suppression;
  /** Acknowledges the firing alerts that match all: they get no reminders. Returns those that were not acknowledged. */
  acknowledge(matchers: readonly LabelMatcher[], by: string, atMs: number): readonly FiredAlert[];
  readonly silences: Silences;
  /** The firing alerts, as they are notified of. */
  readonly firing: readonly FiredAlert[];
  /** The firing alerts, with what the pager has done about them. */
  view(): readonly PagedAlert[];
  readonly groups: readonly PagedGroup[];
  readonly config: PagerConfig;
  stop(): void;
}

/** One life of an alert, from firing to its end: one that fires again begins another. */
interface Life {
  alert: FiredAlert;
  notifiedAt: number | undefined;
  acknowledged: Acknowledgement | undefined;
}

/** Interval at which empty groups are removed, as in Alertmanager: until then they keep their timer. */
const SWEEP_MS = 30_000;

export function createPager(config: PagerConfig, deps: PagerDeps): Pager {
  const { clock, onNotification, externalUrl = () => "" } = deps;
  const destinations = createRouting(config.route);
  const receivers = new Map(config.receivers.map((receiver) => [receiver.name, receiver]));
  const inhibition = createInhibition(config.inhibitRules);
  const silences = createSilences();
  const log = createNotificationLog();
  const groups = new Map<string, AlertGroup>();
  const destinationOf = new Map<AlertGroup, Destination>();
  const lives = new Map<string, Life>();
  let cancelSweep: Cancel | undefined;
  let cancelTimeout: Cancel | undefined;
  let observedAt: number | undefined;

  function suppression(labels: Labels): Suppression {
    const sources = [...lives.values()].map(({ alert }) => alert);
    return {
      inhibitedBy: inhibition(labels, sources).map((source) => source.fingerprint),
      silencedBy: silences.quieting(labels, clock.wall()),
    };
  }

  function dispatch(alert: FiredAlert): void {
    for (const destination of destinations(alert.labels)) {
      const { groupKey } = destination;
      let group = groups.get(groupKey);
      if (!group) {
        group = openGroup(destination);
        groups.set(groupKey, group);
        destinationOf.set(group, destination);
        cancelSweep ??= clock.after(SWEEP_MS, sweep);
      }
      group.put(alert);
    }
  }

  function openGroup({ route, groupKey, groupLabels }: Destination): AlertGroup {
    const receiver = receivers.get(route.receiver) ?? { name: route.receiver, webhooks: [] };
    return createAlertGroup(
      { route, receiver, groupKey },
      {
        clock,
        log,
        isMuted: ({ labels }) => {
          const { inhibitedBy, silencedBy } = suppression(labels);
          return inhibitedBy.length + silencedBy.length > 0;
        },
        isAcknowledged: (alert) => lives.get(alert.fingerprint)?.acknowledged !== undefined,
        notify(alerts, { maxAlerts }) {
          for (const { fingerprint, endsAt } of alerts) {
            const life = endsAt === undefined ? lives.get(fingerprint) : undefined;
            if (life) life.notifiedAt ??= clock.wall();
          }
          const name = receiver.name;
          onNotification(
            payload(alerts, {
              groupKey,
              groupLabels,
              receiver: name,
              maxAlerts,
              externalUrl: externalUrl(),
            }),
          );
        },
      },
    );
  }

  function sweep(): void {
    for (const [key, group] of groups) {
      if (!group.isEmpty) continue;
      group.stop();
      groups.delete(key);
      destinationOf.delete(group);
    }
    cancelSweep = groups.size > 0 ? clock.after(SWEEP_MS, sweep) : undefined;
  }

  function observe(active: readonly AlertInstance[], at: number): void {
    observedAt = at;
    const url = externalUrl();
    const seen = new Set<string>();
    const changed: FiredAlert[] = [];
    for (const { state, labels: given, annotations, firedAt, expression } of active) {
      if (state !== "firing") continue;
      const labels = withoutEmpty(given);
      const id = fingerprint(labels);
      seen.add(id);
      const generatorUrl = url === "" || expression === undefined ? "" : url + graphPath(expression, "table");
      const startsAt = firedAt ?? at;
      const alert = { fingerprint: id, labels, annotations, startsAt, endsAt: undefined, generatorUrl };
      const life = lives.get(id);
      if (life?.alert.startsAt !== alert.startsAt)
        lives.set(id, { alert, notifiedAt: undefined, acknowledged: undefined });
      else if (sameTexts(life.alert.annotations, annotations)) continue;
      else life.alert = alert;
      changed.push(alert);
    }
    // Groups that open at the same time are notified of in an order that does not depend on that of the rules.
    for (const alert of changed.sort((a, b) => compareLabels(a.labels, b.labels))) dispatch(alert);
    for (const [id, { alert }] of lives) {
      if (seen.has(id)) continue;
      lives.delete(id);
      dispatch({ ...alert, endsAt: at });
    }
    cancelTimeout?.();
    cancelTimeout =
      lives.size > 0 ? clock.after(config.resolveTimeoutMs, () => observe([], clock.wall())) : undefined;
  }

  return {
    observe,
    suppression,
    acknowledge(matchers, by, at) {
      const matches = labelTest(matchers);
      const taken = [...lives.values()].filter(
        ({ alert, acknowledged }) => !acknowledged && matches(alert.labels),
      );
      for (const life of taken) life.acknowledged = { by, at };
      return taken.map(({ alert }) => alert);
    },
    silences,
    get firing() {
      return [...lives.values()].map(({ alert }) => alert);
    },
    view: () =>
      [...lives.values()].map(({ alert, notifiedAt, acknowledged }) => ({
        alert,
        receivers: [...new Set(destinations(alert.labels).map(({ route }) => route.receiver))],
        notifiedAt,
        acknowledged,
        observedAt,
        ...suppression(alert.labels),
      })),
    get groups() {
      return Array.from(destinationOf, ([{ fingerprints }, { route, groupLabels }]) => ({
        receiver: route.receiver,
        labels: groupLabels,
        fingerprints,
      }));
    },
    config,
    stop() {
      cancelSweep?.();
      cancelTimeout?.();
      for (const group of groups.values()) group.stop();
    },
  };
}

const sameTexts = (a: Labels, b: Labels): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => a[name] === b[name]);
