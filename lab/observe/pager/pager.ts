import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { AlertInstance } from "../rules/alert.ts";
import type { LabelMatcher, Labels } from "../samples.ts";
import { createAlertGroup, type AlertGroup } from "./alert-group.ts";
import { createAlertGroups } from "./alert-groups.ts";
import { createAlertLives, type Acknowledgement, type AlertLives } from "./alert-lives.ts";
import type { PagerConfig } from "./config.ts";
import type { FiredAlert } from "./fired-alert.ts";
import { createInhibition } from "./inhibition.ts";
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

export function createPager(config: PagerConfig, deps: PagerDeps): Pager {
  const { clock, externalUrl = () => "" } = deps;
  const destinations = createRouting(config.route);
  const inhibition = createInhibition(config.inhibitRules);
  const silences = createSilences();
  const lives = createAlertLives();
  const groups = createAlertGroups({ clock, open: groupOpener(config, { ...deps, lives, suppression }) });
  let cancelTimeout: Cancel | undefined;
  let observedAt: number | undefined;

  function suppression(labels: Labels): Suppression {
    const sources = lives.all.map(({ alert }) => alert);
    return {
      inhibitedBy: inhibition(labels, sources).map((source) => source.fingerprint),
      silencedBy: silences.quieting(labels, clock.wall()),
    };
  }

  function observe(active: readonly AlertInstance[], at: number): void {
    observedAt = at;
    const { changed, ended } = lives.observe(active, at, externalUrl());
    for (const alert of [...changed, ...ended])
      for (const destination of destinations(alert.labels)) groups.put(destination, alert);
    cancelTimeout?.();
    cancelTimeout =
      lives.size > 0 ? clock.after(config.resolveTimeoutMs, () => observe([], clock.wall())) : undefined;
  }

  return {
    observe,
    suppression,
    acknowledge: (matchers, by, at) => lives.acknowledge(matchers, { by, at }),
    silences,
    get firing() {
      return lives.all.map(({ alert }) => alert);
    },
    view: () =>
      lives.all.map(({ alert, notifiedAt, acknowledged }) => ({
        alert,
        receivers: [...new Set(destinations(alert.labels).map(({ route }) => route.receiver))],
        notifiedAt,
        acknowledged,
        observedAt,
        ...suppression(alert.labels),
      })),
    get groups() {
      return groups.all.map(({ group: { fingerprints }, destination: { route, groupLabels } }) => ({
        receiver: route.receiver,
        labels: groupLabels,
        fingerprints,
      }));
    },
    config,
    stop() {
      groups.stop();
      cancelTimeout?.();
    },
  };
}

interface GroupDeps extends PagerDeps {
  readonly lives: AlertLives;
  readonly suppression: Pager["suppression"];
}

/** Opens groups whose notifications are noted in the alerts' lives. */
function groupOpener(
  { receivers: known }: PagerConfig,
  { clock, onNotification, externalUrl = () => "", lives, suppression }: GroupDeps,
): (destination: Destination) => AlertGroup {
  const receivers = new Map(known.map((receiver) => [receiver.name, receiver]));
  const log = createNotificationLog();
  return ({ route, groupKey, groupLabels }) => {
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
        isAcknowledged: (alert) => lives.of(alert.fingerprint)?.acknowledged !== undefined,
        notify(alerts, { maxAlerts }) {
          for (const { fingerprint, endsAt } of alerts) {
            const life = endsAt === undefined ? lives.of(fingerprint) : undefined;
            if (life) life.notifiedAt ??= clock.wall();
          }
          const { name } = receiver;
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
  };
}
