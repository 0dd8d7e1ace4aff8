import type { Notification, NotifiedAlert } from "../notification.ts";

/** A notification as text, for targets that people read. */
export interface MessageText {
  /** `FIRING: HighFailureRatio` */
  readonly title: string;
  /** One line an alert: whether it fires, its name, its summary, where to look. */
  readonly lines: readonly string[];
  /** Somebody has to get up for it. */
  readonly urgent: boolean;
}

/** More are counted, not listed: a phone shows a few lines. */
const MAX_LINES = 20;

export function messageText({ status, alerts, truncatedAlerts }: Notification): MessageText {
  const names = [...new Set(alerts.filter((alert) => alert.status === status).map(nameOf))];
  const unlisted = Math.max(0, alerts.length - MAX_LINES) + truncatedAlerts;
  return {
    title: oneLine(`${status.toUpperCase()}: ${names.join(", ")}`),
    lines: [
      ...alerts.slice(0, MAX_LINES).map(lineOf),
      ...(unlisted > 0 ? [`and ${unlisted} more alerts`] : []),
    ],
    urgent: alerts.some((alert) => alert.status === "firing" && alert.labels["severity"] === "page"),
  };
}

function lineOf(alert: NotifiedAlert): string {
  const { summary = "", runbook = "" } = alert.annotations;
  const about = summary === "" ? "" : `: ${summary}`;
  return oneLine(`${alert.status} ${nameOf(alert)}${about}${runbook === "" ? "" : ` (${runbook})`}`);
}

const nameOf = ({ labels }: NotifiedAlert): string => labels["alertname"] ?? "alert without a name";

/** Templates may put anything into a summary; a line stays one. */
const oneLine = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 500);
