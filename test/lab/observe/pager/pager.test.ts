import { describe, expect, it } from "vitest";
import { parsePagerConfig } from "../../../../lab/observe/pager/config.ts";
import { fingerprint } from "../../../../lab/observe/pager/fingerprint.ts";
import type { Notification } from "../../../../lab/observe/pager/notification.ts";
import { createPager } from "../../../../lab/observe/pager/pager.ts";
import type { AlertInstance } from "../../../../lab/observe/rules/alert.ts";
import { firingAlert } from "../../../support/alert-script.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const EPOCH = Date.UTC(2026, 0, 1);

const CONFIG = `
global: { resolve_timeout: 40s }
route:
  receiver: lab
  group_by: [severity]
  group_wait: 1s
  group_interval: 5s
  repeat_interval: 10s
  routes:
    - { receiver: notes, matchers: [severity="inform"], group_by: [alertname] }
inhibit_rules:
  - { source_matchers: [severity="page"], target_matchers: [severity="inform"], equal: [zone] }
receivers:
  - { name: lab, webhook_configs: [{ url: "http://relay/" }] }
  - { name: notes, webhook_configs: [{ url: "http://relay/" }] }
`;

const page = (alertname: string, more = {}) => ({ labels: { alertname, severity: "page", ...more } });
const inform = (alertname: string, more = {}) => ({ labels: { alertname, severity: "inform", ...more } });

/** One line a notification: when, which receiver, what fires and what is over. */
function lineOf({ receiver, alerts }: Notification, seconds: number): string {
  const reported = alerts.map(
    ({ status, labels }) => `${status === "firing" ? "+" : "-"}${labels["alertname"]}`,
  );
  return `${seconds} ${receiver} ${reported.join(" ")}`;
}

function bench(config = CONFIG) {
  const parsed = parsePagerConfig(config, "am.yml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const clock = createManualClock(EPOCH);
  const lines: string[] = [];
  const notifications: Notification[] = [];
  const pager = createPager(parsed.config, {
    clock,
    onNotification(notification) {
      notifications.push(notification);
      lines.push(lineOf(notification, clock.now() / 1000));
    },
  });
  let before: readonly AlertInstance[] = [];
  /** Evaluates every second that all of these fire, from now on for so long. */
  function fire(seconds: number, ...alerts: readonly ReturnType<typeof page>[]): void {
    for (let i = 0; i < seconds; i++) {
      before = alerts.map(
        (alert) => before.find(({ labels }) => labels === alert.labels) ?? firingAlert(alert, clock.wall()),
      );
      pager.observe(before, clock.wall());
      clock.advance(1000);
    }
  }
  /** The notifications since the last call. */
  const reported = (): string[] => lines.splice(0);
  return { clock, pager, fire, reported, notifications };
}

const failures = page("HighFailureRatio");
const logins = page("LoginFailures");
const down = inform("UpstreamDown");
const restarting = inform("UnitRestarting");

describe("a group of alerts", () => {
  it("is notified once its wait is over, all that fires by then in one", () => {
    const { clock, pager, reported } = bench();
    pager.observe([firingAlert(failures, clock.wall())], clock.wall());
    clock.advance(500);
    const both = [firingAlert(failures, EPOCH), firingAlert(logins, clock.wall())];
    pager.observe(both, clock.wall());
    clock.advance(499);
    expect(reported()).toEqual([]);
    clock.advance(1);
    expect(reported()).toEqual(["1 lab +HighFailureRatio +LoginFailures"]);
  });

  it("is notified of later alerts at its next interval, and of every end", () => {
    const { fire, reported } = bench();
    fire(2, failures);
    fire(6, failures, logins);
    fire(6, logins);
    fire(4);
    expect(reported()).toEqual([
      "1 lab +HighFailureRatio",
      "6 lab +HighFailureRatio +LoginFailures",
      "11 lab -HighFailureRatio +LoginFailures",
      "16 lab -LoginFailures",
    ]);
  });

  it("leaves out an alert that ended before it was notified, and one that was away between two notifications", () => {
    const { clock, pager, fire, reported } = bench();
    pager.observe([firingAlert(logins, EPOCH)], EPOCH);
    clock.advance(500);
    pager.observe([], clock.wall());
    clock.advance(500);
    expect(reported()).toEqual([]);
    fire(6, failures);
    expect(reported()).toEqual(["6 lab +HighFailureRatio"]);
    fire(1);
    fire(4, failures);
    expect(reported()).toEqual([]);
  });

  it("is notified again when its repeat interval has passed, at the next interval after it", () => {
    const { fire, reported } = bench();
    fire(32, failures);
    expect(reported()).toEqual([
      "1 lab +HighFailureRatio",
      "16 lab +HighFailureRatio",
      "31 lab +HighFailureRatio",
    ]);
  });

  it("has an end that needs no notification of its own in the reminder that it falls into", () => {
    const { fire, reported } = bench();
    fire(3, failures, logins);
    fire(11, failures);
    fire(1, failures, logins);
    fire(1, failures);
    expect(reported()).toEqual([
      "1 lab +HighFailureRatio +LoginFailures",
      "6 lab +HighFailureRatio -LoginFailures",
    ]);
    // Between two intervals it fired and ended again: the next notification of the others has that, too.
    fire(3, failures);
    fire(1, failures, logins);
    fire(6, failures);
    expect(reported()).toEqual(["21 lab +HighFailureRatio -LoginFailures"]);
  });

  it("keeps its pace for a while after its last alert, and then waits anew", () => {
    const { fire, reported } = bench();
    fire(2, failures);
    fire(5);
    fire(5, failures);
    fire(25);
    expect(reported()).toEqual([
      "1 lab +HighFailureRatio",
      "6 lab -HighFailureRatio",
      "11 lab +HighFailureRatio",
      "16 lab -HighFailureRatio",
    ]);
    fire(2, failures);
    expect(reported()).toEqual(["38 lab +HighFailureRatio"]);
  });

  it("does not wait for an alert that has fired for long already", () => {
    const { clock, pager, reported } = bench();
    pager.observe([firingAlert(failures, EPOCH - 10_000)], EPOCH);
    clock.advance(0);
    expect(reported()).toEqual(["0 lab +HighFailureRatio"]);
  });

  it("is over when nothing was observed for the resolve timeout", () => {
    const { clock, pager, fire, reported, notifications } = bench();
    fire(2, failures);
    reported();
    clock.advance(44_000);
    expect(reported()).toEqual([
      "16 lab +HighFailureRatio",
      "31 lab +HighFailureRatio",
      "41 lab -HighFailureRatio",
    ]);
    expect(notifications.at(-1)?.alerts[0]?.endsAt).toBe("2026-01-01T00:00:41Z");
    expect(pager.firing).toEqual([]);
  });

  it("leaves no timer behind when the pager is stopped", () => {
    const { clock, pager, fire } = bench();
    fire(3, failures, down);
    pager.stop();
    expect(clock.pending).toBe(0);
  });

  it("leaves no timer behind when all is over", () => {
    const { clock, fire } = bench();
    fire(3, failures, down);
    fire(40);
    expect(clock.pending).toBe(0);
  });
});

describe("a notification", () => {
  it("is Alertmanager's webhook payload, version 4", () => {
    const { fire, notifications } = bench();
    const alert = {
      ...page("HighFailureRatio", { zone: "a", job: "" }),
      annotations: { summary: "users wait" },
    };
    fire(3, alert, page("LoginFailures", { zone: "a" }));
    expect(notifications).toEqual([
      {
        version: "4",
        groupKey: '{}:{severity="page"}',
        truncatedAlerts: 0,
        status: "firing",
        receiver: "lab",
        groupLabels: { severity: "page" },
        commonLabels: { severity: "page", zone: "a" },
        commonAnnotations: {},
        externalURL: "",
        alerts: [
          {
            status: "firing",
            labels: { alertname: "HighFailureRatio", severity: "page", zone: "a" },
            annotations: { summary: "users wait" },
            startsAt: "2026-01-01T00:00:00Z",
            endsAt: "0001-01-01T00:00:00Z",
            generatorURL: "",
            fingerprint: fingerprint({ alertname: "HighFailureRatio", severity: "page", zone: "a" }),
          },
          {
            status: "firing",
            labels: { alertname: "LoginFailures", severity: "page", zone: "a" },
            annotations: {},
            startsAt: "2026-01-01T00:00:00Z",
            endsAt: "0001-01-01T00:00:00Z",
            generatorURL: "",
            fingerprint: fingerprint({ alertname: "LoginFailures", severity: "page", zone: "a" }),
          },
        ],
      },
    ]);
  });
});

describe("a cause", () => {
  it("is not notified while a symptom fires, and is once that is over", () => {
    const { fire, reported, pager } = bench();
    fire(7, failures, down);
    const [symptom, cause] = pager.view();
    expect(cause).toMatchObject({ inhibitedBy: [symptom?.alert.fingerprint], notifiedAt: undefined });
    expect(symptom).toMatchObject({ inhibitedBy: [], notifiedAt: EPOCH + 1000 });
    fire(7, down);
    expect(reported()).toEqual([
      "1 lab +HighFailureRatio",
      "11 lab -HighFailureRatio",
      "11 notes +UpstreamDown",
    ]);
    expect(pager.view()).toMatchObject([{ inhibitedBy: [], notifiedAt: EPOCH + 11_000 }]);
  });

  it("is notified when it was first, and its end is not while a symptom fires", () => {
    const { fire, reported } = bench();
    fire(3, down, restarting);
    fire(10, failures);
    expect(reported()).toEqual([
      "1 notes +UnitRestarting",
      "1 notes +UpstreamDown",
      "4 lab +HighFailureRatio",
    ]);
  });

  it("is notified beside a symptom that it does not belong to", () => {
    const { fire, reported } = bench();
    fire(2, page("HighFailureRatio", { zone: "a" }), inform("UpstreamDown", { zone: "b" }));
    expect(reported()).toEqual(["1 lab +HighFailureRatio", "1 notes +UpstreamDown"]);
  });
});

describe("a silence", () => {
  const ofLogins = [{ label: "alertname", op: "=~" as const, value: "Login.*" }];
  const by = { createdBy: "ada", comment: "known" };

  it("mutes what matches, for its time", () => {
    const { pager, fire, reported } = bench();
    const times = { startsAt: EPOCH, endsAt: EPOCH + 9000 };
    const { id } = pager.silences.add({ matchers: ofLogins, ...times, ...by }, EPOCH);
    fire(7, failures, logins);
    expect(pager.view().map(({ silencedBy, notifiedAt }) => [silencedBy, notifiedAt !== undefined])).toEqual([
      [[], true],
      [[id], false],
    ]);
    fire(5, failures, logins);
    expect(reported()).toEqual(["1 lab +HighFailureRatio", "11 lab +HighFailureRatio +LoginFailures"]);
  });

  it("begins when it is to begin, and ends early when it is ended", () => {
    const { clock, pager, fire, reported } = bench();
    const times = { startsAt: EPOCH + 3000, endsAt: EPOCH + 60_000 };
    const { id } = pager.silences.add({ matchers: ofLogins, ...times, ...by }, EPOCH);
    fire(2, logins);
    expect(reported()).toEqual(["1 lab +LoginFailures"]);
    fire(16, logins);
    expect(reported()).toEqual([]);
    expect(pager.silences.expire(id, clock.wall())).toBe(true);
    expect(pager.silences.expire(id, clock.wall())).toBe(false);
    fire(4, logins);
    expect(reported()).toEqual(["21 lab +LoginFailures"]);
  });

  it("is refused when it would silence everything, is faulty, or over already", () => {
    const { pager } = bench();
    const times = { startsAt: EPOCH, endsAt: EPOCH + 1000 };
    const add = (more: object) => () =>
      pager.silences.add({ matchers: ofLogins, ...times, ...by, ...more }, EPOCH);
    expect(add({ matchers: [] })).toThrow("at least one matcher");
    expect(add({ matchers: [{ label: "a", op: "=~", value: ".*" }] })).toThrow("at least one matcher");
    expect(add({ matchers: [{ label: "a", op: "=~", value: "(" }] })).toThrow("not a regular expression");
    expect(add({ endsAt: EPOCH })).toThrow("ends before");
    expect(add({ endsAt: Number.NaN })).toThrow("ends before");
    expect(pager.silences.all).toEqual([]);
  });

  it("is one of so many, and those that are over make room", () => {
    const { pager } = bench();
    const add = (endsAt: number, at: number) =>
      pager.silences.add({ matchers: ofLogins, startsAt: at, endsAt, ...by }, at);
    for (let i = 0; i < 200; i++) add(EPOCH + 1000, EPOCH);
    expect(() => add(EPOCH + 1000, EPOCH)).toThrow("200 silences already");
    expect(add(EPOCH + 2000, EPOCH + 1000).id).toBe("00000000-0000-4000-8000-000000000201");
  });
});

describe("an acknowledged alert", () => {
  const everything: readonly [] = [];

  it("is not notified again, and shows who acknowledged it and when", () => {
    const { clock, pager, fire, reported } = bench();
    fire(3, failures);
    expect(pager.acknowledge(everything, "ada", clock.wall())).toHaveLength(1);
    expect(pager.acknowledge(everything, "bob", clock.wall())).toEqual([]);
    fire(40, failures);
    expect(pager.view()).toMatchObject([{ acknowledged: { by: "ada", at: EPOCH + 3000 } }]);
    expect(reported()).toEqual(["1 lab +HighFailureRatio"]);
    fire(5);
    expect(reported()).toEqual(["46 lab -HighFailureRatio"]);
  });

  it("leaves the reminder to those that are not acknowledged", () => {
    const { clock, pager, fire, reported } = bench();
    fire(3, failures, logins);
    pager.acknowledge([{ label: "alertname", op: "=", value: "LoginFailures" }], "ada", clock.wall());
    fire(15, failures, logins);
    expect(reported()).toEqual(["1 lab +HighFailureRatio +LoginFailures", "16 lab +HighFailureRatio"]);
  });

  it("that fires again is not acknowledged any more", () => {
    const { clock, pager, fire, reported } = bench();
    fire(3, failures);
    pager.acknowledge(everything, "ada", clock.wall());
    fire(4);
    fire(5, failures);
    expect(pager.view()).toMatchObject([{ acknowledged: undefined }]);
    fire(20, failures);
    expect(reported().slice(2)).toEqual(["11 lab +HighFailureRatio", "26 lab +HighFailureRatio"]);
  });

  it("that fires again between two notifications has a reminder", () => {
    const { clock, pager, fire, reported } = bench();
    fire(3, failures);
    pager.acknowledge(everything, "ada", clock.wall());
    fire(1);
    fire(13, failures);
    expect(reported()).toEqual(["1 lab +HighFailureRatio", "16 lab +HighFailureRatio"]);
  });

  it("that fires again long after the last notification is notified at the next interval", () => {
    const { clock, pager, fire, reported } = bench();
    fire(3, failures);
    pager.acknowledge(everything, "ada", clock.wall());
    fire(15, failures);
    fire(1);
    fire(3, failures);
    expect(reported()).toEqual(["1 lab +HighFailureRatio", "21 lab +HighFailureRatio"]);
  });

  it("that ended and fired again between two looks is not acknowledged any more", () => {
    const { clock, pager } = bench();
    pager.observe([firingAlert(failures, EPOCH)], EPOCH);
    pager.acknowledge(everything, "ada", EPOCH);
    clock.advance(1000);
    pager.observe([firingAlert(failures, EPOCH + 500)], clock.wall());
    expect(pager.view()).toMatchObject([{ acknowledged: undefined, alert: { startsAt: EPOCH + 500 } }]);
  });
});
