import type { Labels } from "../samples.ts";
import type { FiredAlert } from "./fired-alert.ts";
import type { Notification, NotifiedAlert } from "./notification.ts";

export interface PayloadConfig {
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly receiver: string;
  /** 0: all. */
  readonly maxAlerts: number;
  readonly externalUrl: string;
}

/** Alertmanager's notation of an absent time. */
const NEVER = "0001-01-01T00:00:00Z";

/** The notification of alerts that are sorted already. */
export function payload(given: readonly FiredAlert[], config: PayloadConfig): Notification {
  const { groupKey, groupLabels, receiver, maxAlerts, externalUrl } = config;
  const alerts = maxAlerts > 0 ? given.slice(0, maxAlerts) : given;
  return {
    receiver: quoteMeta(receiver),
    status: alerts.some(({ endsAt }) => endsAt === undefined) ? "firing" : "resolved",
    alerts: alerts.map(notifiedAlert),
    groupLabels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: externalUrl,
    version: "4",
    groupKey,
    truncatedAlerts: given.length - alerts.length,
  };
}

const notifiedAlert = (alert: FiredAlert): NotifiedAlert => ({
  status: alert.endsAt === undefined ? "firing" : "resolved",
  labels: alert.labels,
  annotations: alert.annotations,
  startsAt: timeText(alert.startsAt),
  endsAt: alert.endsAt === undefined ? NEVER : timeText(alert.endsAt),
  generatorURL: alert.generatorUrl,
  fingerprint: alert.fingerprint,
});

/** RFC 3339 as Go writes it: no zeros at the end of a fraction. */
const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.?0*Z$/, "Z");

/** Alertmanager escapes a receiver's name as for a regular expression. */
const quoteMeta = (text: string): string => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);

/** The labels that all have in common. */
function common([first = {}, ...others]: readonly Labels[]): Labels {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => (labels[name] ?? "") === value)),
  );
}
