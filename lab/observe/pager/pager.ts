import type { Clock } from "../../../runtime/clock.ts";
import type { AlertInstance } from "../rules/alert.ts";
import type { Labels } from "../samples.ts";
import { createAlertGroup, type AlertGroup } from "./alert-group.ts";
import type { PagerConfig, Route } from "./config.ts";
import type { FiredAlert } from "./fired-alert.ts";
import { fingerprint } from "./fingerprint.ts";
import { createInhibition } from "./inhibition.ts";
import { labelTest } from "./matching.ts";
import { matcherText } from "./matcher-text.ts";
import type { Notification, NotifiedAlert } from "./notification.ts";
import { createSilences, type Silences } from "./silences.ts";

export interface PagerDeps {
  readonly clock: Clock;
  readonly onNotification: (notification: Notification) => void;
}

/** What keeps an alert from being told of. */
export interface Suppression {
  readonly inhibitedBy: readonly string[];
  readonly silencedBy: readonly string[];
}

/** Does with alerts what Alertmanager does: routes, groups, inhibits, silences, tells, and tells again. */
export interface Pager {
  /** Takes all alerts that fire now; those that fired before and are not among them have ended. */
  observe(active: readonly AlertInstance[], atMs: number): void;
  /** Of an alert with these labels, by what fires now. */
  suppression(labels: Labels): Suppression;
  readonly silences: Silences;
  /** What fires, as it was told of. */
  readonly firing: readonly FiredAlert[];
  stop(): void;
}

interface PreparedRoute {
  readonly route: Route;
  readonly key: string;
  readonly matches: (labels: Labels) => boolean;
  readonly routes: readonly PreparedRoute[];
}

export function createPager(config: PagerConfig, { clock, onNotification }: PagerDeps): Pager {
  const root = prepared(config.route, "");
  const receivers = new Map(config.receivers.map((receiver) => [receiver.name, receiver]));
  const inhibition = createInhibition(config.inhibitRules);
  const silences = createSilences();
  const groups = new Map<string, AlertGroup>();
  const firing = new Map<string, FiredAlert>();

  function suppression(labels: Labels): Suppression {
    const sources = [...firing.values()];
    const inhibitedBy = inhibition(
      labels,
      sources.map((alert) => alert.labels),
    ).map((i) => sources[i]?.fingerprint ?? "");
    return { inhibitedBy, silencedBy: silences.quieting(labels, clock.wall()) };
  }

  function dispatch(alert: FiredAlert): void {
    for (const { route, key } of routesOf(root, alert.labels)) {
      const labels = groupLabels(alert.labels, route.groupBy);
      const groupKey = `${key}:${labelsText(labels)}`;
      let group = groups.get(groupKey);
      if (!group) {
        const receiver = receivers.get(route.receiver) ?? { name: route.receiver, webhooks: [] };
        group = createAlertGroup(
          { route, receiver, labels },
          {
            clock,
            isMuted: ({ labels: own }) => {
              const { inhibitedBy, silencedBy } = suppression(own);
              return inhibitedBy.length > 0 || silencedBy.length > 0;
            },
            notify: (alerts, { maxAlerts }) =>
              onNotification(
                notificationOf(alerts, { groupKey, groupLabels: labels, receiver: receiver.name, maxAlerts }),
              ),
            onEmpty: () => void groups.delete(groupKey),
          },
        );
        groups.set(groupKey, group);
      }
      group.put(alert);
    }
  }

  return {
    observe(active, at) {
      const seen = new Set<string>();
      for (const { state, labels, annotations, firedAt } of active) {
        if (state !== "firing") continue;
        const id = fingerprint(labels);
        seen.add(id);
        const before = firing.get(id);
        const startsAt = firedAt ?? at;
        const alert: FiredAlert = { fingerprint: id, labels, annotations, startsAt, endsAt: undefined };
        firing.set(id, alert);
        if (before?.startsAt !== startsAt || !sameTexts(before.annotations, annotations)) dispatch(alert);
      }
      for (const [id, alert] of firing) {
        if (seen.has(id)) continue;
        firing.delete(id);
        dispatch({ ...alert, endsAt: at });
      }
    },
    suppression,
    silences,
    get firing() {
      return [...firing.values()];
    },
    stop() {
      for (const group of groups.values()) group.stop();
    },
  };
}

function prepared(route: Route, above: string): PreparedRoute {
  const own = `{${route.matchers.map(matcherText).join(",")}}`;
  const key = above === "" ? own : `${above}/${own}`;
  return {
    route,
    key,
    matches: labelTest(route.matchers),
    routes: route.routes.map((one) => prepared(one, key)),
  };
}

/** The deepest routes that an alert comes to; with `continue`, also their later siblings. */
function routesOf(node: PreparedRoute, labels: Labels): readonly PreparedRoute[] {
  if (!node.matches(labels)) return [];
  const found: PreparedRoute[] = [];
  for (const child of node.routes) {
    const deeper = routesOf(child, labels);
    found.push(...deeper);
    if (deeper.length > 0 && !child.route.goesOn) break;
  }
  return found.length > 0 ? found : [node];
}

const groupLabels = (labels: Labels, by: Route["groupBy"]): Labels =>
  by === undefined
    ? labels
    : Object.fromEntries(by.filter((name) => name in labels).map((name) => [name, labels[name] ?? ""]));

const labelsText = (labels: Labels): string =>
  `{${Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`)
    .join(", ")}}`;

const sameTexts = (a: Labels, b: Labels): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => a[name] === b[name]);

interface Group {
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly receiver: string;
  readonly maxAlerts: number;
}

/** Alertmanager's word for a time that there is not. */
const NEVER = "0001-01-01T00:00:00Z";

function notificationOf(given: readonly FiredAlert[], group: Group): Notification {
  const { groupKey, groupLabels: labels, receiver, maxAlerts } = group;
  const ordered = [...given].sort(
    (a, b) => a.startsAt - b.startsAt || (a.fingerprint < b.fingerprint ? -1 : 1),
  );
  const alerts = maxAlerts > 0 ? ordered.slice(0, maxAlerts) : ordered;
  return {
    version: "4",
    groupKey,
    truncatedAlerts: ordered.length - alerts.length,
    status: ordered.some(({ endsAt }) => endsAt === undefined) ? "firing" : "resolved",
    receiver,
    groupLabels: labels,
    commonLabels: common(ordered.map((alert) => alert.labels)),
    commonAnnotations: common(ordered.map((alert) => alert.annotations)),
    externalURL: "",
    alerts: alerts.map(notified),
  };
}

const notified = ({ labels, annotations, startsAt, endsAt, fingerprint: id }: FiredAlert): NotifiedAlert => ({
  status: endsAt === undefined ? "firing" : "resolved",
  labels,
  annotations,
  startsAt: new Date(startsAt).toISOString(),
  endsAt: endsAt === undefined ? NEVER : new Date(endsAt).toISOString(),
  generatorURL: "",
  fingerprint: id,
});

/** What all have alike. */
function common([first = {}, ...others]: readonly Labels[]): Labels {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  );
}
