import type { ActiveAlert } from "../../observe/alert-log.ts";
import type { Notification } from "../../observe/pager/notification.ts";
import type { ProbeRecord, ProbeReport } from "../../probe/record.ts";
import type { Clock } from "../../../runtime/clock.ts";

const NAME = "HighFailureRatio";
const LAST_MS = 5000;
const LIMIT_RATIO = 0.05;
/** Fewer say nothing. */
const ENOUGH_REQUESTS = 50;
const FOR_MS = 2000;
/** Without an answer for this long, a request has failed. */
const HANGING_MS = 3000;

/** One rule instead of all: pages when more than 5 % of the last 5 s' requests of the prober fail, for 2 s. */
export interface FailureRule {
  probed(report: ProbeReport): void;
  evaluate(): ActiveAlert | undefined;
}

export function createFailureRule(clock: Clock): FailureRule {
  let recent: ProbeRecord[] = [];
  let openSince: readonly number[] = [];
  let activeAt: number | undefined;
  let firedAt: number | undefined;

  return {
    probed(report) {
      const from = report.at - LAST_MS - HANGING_MS;
      recent = [...recent.filter(({ sentAt }) => sentAt >= from), ...report.records];
      openSince = report.openSince;
    },
    evaluate() {
      const now = clock.wall();
      const inside = recent.filter(({ sentAt }) => sentAt >= now - LAST_MS);
      const hanging = openSince.filter((at) => at >= now - LAST_MS && at < now - HANGING_MS).length;
      const requests = inside.length + hanging;
      const value = (inside.filter(({ result }) => result !== "ok").length + hanging) / Math.max(1, requests);
      if (requests >= ENOUGH_REQUESTS) {
        if (value > LIMIT_RATIO) activeAt ??= now;
        else activeAt = firedAt = undefined;
      }
      if (activeAt === undefined) return undefined;
      if (now - activeAt >= FOR_MS) firedAt ??= now;
      return {
        name: NAME,
        labels: { alertname: NAME, severity: "page" },
        annotations: { summary: `${(value * 100).toFixed(1)} % of requests failed in the last 5 s` },
        state: firedAt === undefined ? "pending" : "firing",
        value,
        activeAt,
        firedAt,
        suppressed: undefined,
      };
    },
  };
}

/** What Alertmanager would send of it. */
export function notificationOf({ labels, annotations, activeAt }: ActiveAlert): Notification {
  const alert = {
    status: "firing",
    labels,
    annotations,
    startsAt: new Date(activeAt).toISOString(),
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "",
    fingerprint: "",
  } as const;
  return {
    version: "4",
    status: "firing",
    groupKey: "",
    truncatedAlerts: 0,
    receiver: "lab",
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: "",
    alerts: [alert],
  };
}
