import { describe, expect, it } from "vitest";
import { parsePagerConfig } from "../../../../lab/observe/pager/config.ts";
import type { Notification } from "../../../../lab/observe/pager/notification.ts";
import { createPager } from "../../../../lab/observe/pager/pager.ts";
import type { AlertInstance } from "../../../../lab/observe/rules/alert.ts";
import { firingAlert } from "../../../support/alert-script.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const CONFIG = `
route:
  receiver: lab
  group_by: [severity]
  group_wait: 1s
  group_interval: 5s
  repeat_interval: 1h
  routes: [{ matchers: [severity="inform"], group_by: [alertname] }]
inhibit_rules: [{ source_matchers: [severity="page"], target_matchers: [severity="inform"] }]
receivers: [{ name: lab, webhook_configs: [{ url: "http://relay/" }] }]
`;
const ALERTS = [
  { labels: { alertname: "HighFailureRatio", severity: "page" } },
  { labels: { alertname: "LoginFailures", severity: "page" } },
  { labels: { alertname: "UpstreamDown", severity: "inform" } },
];
const STEPS = 4;
const STEP_MS = 3000;
const SUBSETS = 1 << ALERTS.length;

interface Reported {
  readonly atMs: number;
  readonly notification: Notification;
}

/** Which alerts fire (as bits) in each step, then nothing for a minute. */
function run(steps: readonly number[], reversed = false): readonly Reported[] {
  const parsed = parsePagerConfig(CONFIG, "am.yml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const clock = createManualClock(0);
  const reported: Reported[] = [];
  const pager = createPager(parsed.config, {
    clock,
    onNotification: (notification) => void reported.push({ atMs: clock.now(), notification }),
  });
  let before = new Map<number, AlertInstance>();
  for (const bits of [...steps, 0]) {
    const now = new Map<number, AlertInstance>();
    for (const [i, alert] of ALERTS.entries())
      if (bits & (1 << i)) now.set(i, before.get(i) ?? firingAlert(alert, clock.wall()));
    before = now;
    pager.observe(reversed ? [...now.values()].reverse() : [...now.values()], clock.wall());
    clock.advance(STEP_MS);
  }
  clock.advance(60_000);
  return reported;
}

/** Every way in which the alerts can come and go. */
const ORDERS = Array.from({ length: SUBSETS ** STEPS }, (_, n) =>
  Array.from({ length: STEPS }, (_, i) => Math.floor(n / SUBSETS ** i) % SUBSETS),
);

/** Which alerts fire at a moment. */
const firingAt = (steps: readonly number[], atMs: number): ReadonlySet<string> =>
  new Set(
    // A step holds from its very moment on, but a notification at that moment went out before it.
    ALERTS.filter((_, i) => ((steps[Math.ceil(atMs / STEP_MS) - 1] ?? 0) & (1 << i)) !== 0).map(
      ({ labels }) => labels.alertname,
    ),
  );

const namesOf = ({ alerts }: Notification, status: "firing" | "resolved"): string[] =>
  alerts.filter((alert) => alert.status === status).map(({ labels }) => labels["alertname"] ?? "");

describe("in whatever order alerts come and go, the pager", () => {
  const runs = ORDERS.map((steps) => ({ steps, reported: run(steps) }));

  it("notifies alerts as firing exactly while they fire", () => {
    for (const { steps, reported } of runs)
      for (const { atMs, notification } of reported) {
        const firing = firingAt(steps, atMs);
        for (const name of namesOf(notification, "firing")) expect(firing).toContain(name);
        for (const name of namesOf(notification, "resolved")) expect(firing).not.toContain(name);
      }
  });

  it("notifies every page that fires at one of its intervals", () => {
    for (const { steps, reported } of runs) {
      const pages = steps.map((bits) => bits & 3);
      const first = pages.findIndex((bits) => bits !== 0);
      if (first === -1) continue;
      for (let at = first * STEP_MS + 1000; at <= STEPS * STEP_MS; at += 5000) {
        const known = reported.findLast(
          ({ atMs, notification }) => atMs <= at && notification.groupLabels["severity"] === "page",
        );
        for (const name of firingAt(steps, at))
          if (name !== "UpstreamDown") expect(known && namesOf(known.notification, "firing")).toContain(name);
      }
    }
  });

  it("never notifies a cause while a page fires", () => {
    for (const { steps, reported } of runs)
      for (const { atMs, notification } of reported)
        if (notification.commonLabels["severity"] === "inform") {
          const firing = firingAt(steps, atMs);
          expect(firing.has("HighFailureRatio") || firing.has("LoginFailures")).toBe(false);
        }
  });

  it("notifies the end of an alert only where it notified that it fired, and the end of every page", () => {
    for (const { reported } of runs) {
      const known = new Set<string>();
      for (const { notification } of reported) {
        if (known.size === 0) expect(notification.status).toBe("firing");
        for (const name of namesOf(notification, "resolved")) known.delete(name);
        for (const name of namesOf(notification, "firing")) known.add(name);
      }
      // The end of a cause may have passed while a page kept it back.
      known.delete("UpstreamDown");
      expect(known.size).toBe(0);
    }
  });

  it("notifies the same whichever alert is named first", () => {
    for (const { steps, reported } of runs)
      expect(JSON.stringify(run(steps, true))).toBe(JSON.stringify(reported));
  });

  it("notifies the same each time", () => {
    for (const { steps, reported } of runs.slice(-100)) expect(run(steps)).toEqual(reported);
  });
});
