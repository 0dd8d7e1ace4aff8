import { describe, expect, it } from "vitest";
import { createAlertLog, type ActiveAlert } from "../../../lab/observe/alert-log.ts";
import type { Notification } from "../../../lab/observe/pager/notification.ts";

const active = (more: Partial<ActiveAlert> = {}): ActiveAlert => ({
  name: "QueueFull",
  labels: { alertname: "QueueFull", severity: "inform", pool: "web" },
  annotations: { summary: "full", description: "really", runbook: "there" },
  state: "pending",
  value: 1,
  activeAt: 1000,
  firedAt: undefined,
  suppressed: undefined,
  ...more,
});
const firing = (more: Partial<ActiveAlert> = {}) => active({ state: "firing", firedAt: 3000, ...more });

const reported = (status: "firing" | "resolved" = "firing", labels = active().labels): Notification => ({
  version: "4",
  groupKey: "",
  truncatedAlerts: 0,
  status,
  receiver: "lab",
  groupLabels: {},
  commonLabels: labels,
  commonAnnotations: {},
  externalURL: "",
  alerts: [
    {
      status,
      labels,
      annotations: { summary: "as notified" },
      startsAt: new Date(1000).toISOString(),
      endsAt: "0001-01-01T00:00:00Z",
      generatorURL: "",
      fingerprint: "",
    },
  ],
});

const steps = (changes: readonly { from: string; to: string }[]): string[] =>
  changes.map(({ from, to }) => `${from} to ${to}`);

describe("an alert", () => {
  it("goes from pending over firing to its end, each step reported once", () => {
    const log = createAlertLog();
    expect(steps(log.update([active()], 1000))).toEqual(["inactive to pending"]);
    expect(steps(log.update([active({ value: 2 })], 2000))).toEqual([]);
    expect(steps(log.update([firing()], 3000))).toEqual(["pending to firing"]);
    expect(log.alerts).toMatchObject([{ state: "firing", firedAt: 3000, resolvedAt: undefined }]);
    expect(steps(log.update([], 4000))).toEqual(["firing to inactive"]);
    expect(steps(log.update([], 5000))).toEqual([]);
    expect(log.alerts).toMatchObject([{ state: "resolved", firedAt: 3000, resolvedAt: 4000 }]);
  });

  it("is resolving while `keep_firing_for` keeps it, and until its end was notified of", () => {
    const log = createAlertLog();
    const notify = (status: "firing" | "resolved") => log.notified(reported(status), 5000);
    log.update([firing()], 3000);
    notify("firing");
    expect(log.alerts[0]?.resolving).toBeUndefined();
    log.update([firing({ keptSince: 6000 })], 6000);
    expect(log.alerts).toMatchObject([{ state: "firing", resolving: { since: 6000 } }]);
    log.update([firing()], 7000);
    expect(log.alerts[0]?.resolving).toBeUndefined();
    log.update([firing({ keptSince: 8000 })], 8000);
    log.update([], 13_000);
    expect(log.alerts).toMatchObject([{ state: "resolved", resolvedAt: 13_000, resolving: { since: 8000 } }]);
    notify("resolved");
    expect(log.alerts).toMatchObject([{ state: "resolved", resolving: undefined }]);
  });

  it("is not resolving without a notification of it, or without one to come of its end", () => {
    for (const suppressed of [undefined, "inhibited" as const]) {
      const log = createAlertLog();
      log.update([firing()], 3000);
      if (suppressed) {
        log.notified(reported(), 5000);
        log.update([firing({ suppressed })], 6000);
      }
      log.update([], 7000);
      expect(log.alerts).toMatchObject([{ state: "resolved", resolving: undefined }]);
    }
  });

  it("that never fires is forgotten", () => {
    const log = createAlertLog();
    log.update([active()], 1000);
    expect(steps(log.update([], 2000))).toEqual(["pending to inactive"]);
    expect(log.alerts).toEqual([]);
  });

  it("that ended and began anew between two looks is two alerts", () => {
    const log = createAlertLog();
    log.update([firing()], 3000);
    const changes = log.update([firing({ activeAt: 3500, firedAt: 3600 })], 4000);
    expect(steps(changes)).toEqual(["firing to inactive", "inactive to firing"]);
    expect(log.alerts).toMatchObject([{ state: "resolved" }, { state: "firing", activeAt: 3500 }]);
  });

  it("is identified by its labels, in whatever order they come", () => {
    const log = createAlertLog();
    log.update([firing()], 3000);
    const turned = { pool: "web", severity: "inform", alertname: "QueueFull" };
    expect(log.update([firing({ labels: turned })], 4000)).toEqual([]);
    expect(steps(log.update([firing({ labels: { ...turned, pool: "auth" } })], 5000))).toEqual([
      "inactive to firing",
      "firing to inactive",
    ]);
  });

  it("is bounded: of a thousand ended alerts the last five hundred are known", () => {
    const log = createAlertLog();
    for (let n = 0; n < 1000; n++) {
      log.update([firing({ activeAt: n })], n);
      log.update([], n);
    }
    expect(log.alerts).toHaveLength(500);
    expect(log.alerts[0]?.activeAt).toBe(500);
  });
});

describe("what the pager notifies", () => {
  it("is noted once with its time; a repeat is a reminder, until it is acknowledged", () => {
    const log = createAlertLog();
    log.update([firing()], 3000);
    expect(log.notified(reported(), 3500)).toMatchObject([{ alert: { notifiedAt: 3500 }, again: false }]);
    expect(log.notified(reported(), 9000)).toMatchObject([{ alert: { notifiedAt: 3500 }, again: true }]);
    expect(log.acknowledge("Other", "me", 9500)).toEqual([]);
    expect(log.acknowledge("QueueFull", "me", 9500)).toHaveLength(1);
    expect(log.acknowledge(undefined, "me", 9600)).toEqual([]);
    expect(log.notified(reported(), 10_000)).toEqual([]);
    expect(log.alerts).toMatchObject([{ acknowledged: { by: "me", at: 9500 } }]);
  });

  it("of a new alert repeats the others of its group, which is no reminder", () => {
    const log = createAlertLog();
    const other = { ...active().labels, pool: "auth" };
    log.update([firing(), firing({ labels: other })], 3000);
    log.notified(reported(), 3500);
    const both = { ...reported(), alerts: [...reported().alerts, ...reported("firing", other).alerts] };
    expect(log.notified(both, 4000)).toMatchObject([{ alert: { labels: other }, again: false }]);
    expect(log.notified(both, 9000)).toMatchObject([{ again: true }, { again: true }]);
    const oneEnded = { ...reported(), alerts: [...reported().alerts, ...reported("resolved", other).alerts] };
    expect(log.notified(oneEnded, 10_000)).toEqual([]);
  });

  it("of an end changes nothing: the rules decide whether an alert is over", () => {
    const log = createAlertLog();
    log.update([firing()], 3000);
    expect(log.notified(reported("resolved"), 3500)).toEqual([]);
    expect(log.alerts).toMatchObject([{ state: "firing", notifiedAt: undefined }]);
  });

  it("before the first look at the rules is known from the notification alone", () => {
    const log = createAlertLog();
    expect(log.notified(reported(), 3500)).toMatchObject([
      { alert: { summary: "as notified" }, again: false },
    ]);
    expect(steps(log.update([firing()], 4000))).toEqual(["inactive to firing"]);
    expect(log.alerts).toMatchObject([{ summary: "full", notifiedAt: 3500 }]);
  });

  it("and no look ever shows is over after a while", () => {
    const log = createAlertLog();
    log.notified(reported(), 3500);
    log.update([], 8000);
    expect(log.alerts).toMatchObject([{ state: "firing" }]);
    log.update([], 9000);
    expect(log.alerts).toMatchObject([{ state: "resolved" }]);
  });

  it("acknowledged once is not acknowledged when it fires anew", () => {
    const log = createAlertLog();
    log.update([firing()], 3000);
    log.acknowledge(undefined, "me", 3500);
    log.update([], 4000);
    log.update([firing({ activeAt: 5000, firedAt: 6000 })], 6000);
    expect(log.alerts.at(-1)).toMatchObject({ state: "firing", acknowledged: undefined });
  });
});
