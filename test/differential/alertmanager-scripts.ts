import type { AlertScript } from "../support/alert-script.ts";

const page = (alertname: string, more: Readonly<Record<string, string>> = {}) => ({
  labels: { alertname, severity: "page", ...more },
  annotations: { summary: `${alertname} is up`, runbook: "https://runbooks.test/page" },
});
const inform = (alertname: string, more: Readonly<Record<string, string>> = {}) => ({
  labels: { alertname, severity: "inform", ...more },
  annotations: { summary: `${alertname} is up`, description: 'line one\nline "two" <&>' },
});

const alerts = {
  failures: page("HighFailureRatio", { route: "/login" }),
  logins: page("LoginFailures"),
  down1: inform("UpstreamDown", { upstream: "web-1", job: "balancer", instance: "127.0.0.1:8404" }),
  down2: inform("UpstreamDown", { upstream: "web-2", job: "balancer", instance: "127.0.0.1:8404" }),
  restarting: inform("UnitRestarting", { unit: "web-1", job: "units" }),
};

/** By dashboards/alertmanager.yml: the steps keep away from the moments at which groups are notified. */
export const CAUSES_AND_SYMPTOMS: Readonly<Record<string, AlertScript>> = {
  "symptoms come and go, and a cause outlives them": {
    alerts,
    steps: [
      [0, ["failures", "down1"]],
      [3000, ["failures", "down1", "logins"]],
      [8000, ["failures", "down1"]],
      [13_000, ["down1"]],
      [23_500, []],
    ],
    endMs: 32_500,
  },
  "causes come first, and one ends while a symptom keeps it back": {
    alerts,
    steps: [
      [0, ["down1", "down2", "restarting"]],
      [4000, ["down1", "down2", "restarting", "failures"]],
      [7000, ["down2", "restarting", "failures"]],
      [12_000, ["down2", "restarting"]],
      [14_000, ["restarting", "down1"]],
      [17_000, []],
    ],
    endMs: 23_500,
  },
  "an alert flaps between two tellings": {
    alerts,
    steps: [
      [0, ["failures"]],
      [2000, []],
      [3000, ["failures"]],
      [4000, []],
      [4500, ["failures", "logins"]],
      [8000, ["logins"]],
      [9000, ["logins", "failures"]],
      [13_000, []],
      [14_000, ["logins"]],
      [18_000, []],
    ],
    endMs: 23_000,
  },
  "one is silenced for a while": {
    alerts,
    steps: [
      [0, ["failures", "logins"]],
      [13_000, ["failures"]],
      [18_000, []],
    ],
    silences: [{ atMs: 300, endMs: 8000, label: "alertname", value: "LoginFailures" }],
    endMs: 23_000,
  },
};

/** Much of the format, at a quick pace. */
export const MANY_ROUTES_CONFIG = `
global:
  resolve_timeout: 1m
route:
  receiver: rest.of (them)
  group_by: [team]
  group_wait: 500ms
  group_interval: 2s
  repeat_interval: 1h
  routes:
    - receiver: all
      matchers: ['kind=~"disk|memory"', 'alertname!="Quiet"']
      group_by: ['...']
      continue: true
    - receiver: web
      matchers: [team="web"]
      group_by: [alertname, zone]
      repeat_interval: 3s
      routes:
        - receiver: few
          matchers: ['zone=~"a|b"', 'kind!~"disk.*"']
          group_by: []
          continue: true
        - receiver: nobody
          matchers: [zone="b"]
    - receiver: unresolved
      matchers: ['say="a \\\\ \\"b\\"\\n"']
inhibit_rules:
  - source_matchers: [kind="disk"]
    target_matchers: [kind="memory"]
    equal: [zone, rack]
  - source_matchers: ['kind=~"x|y"']
    target_matchers: ['kind=~"y|z"']
receivers:
  - name: rest.of (them)
    webhook_configs:
      - url: http://relay/
  - name: all
    webhook_configs:
      - url: http://relay/
  - name: web
    webhook_configs:
      - url: http://relay/
  - name: few
    webhook_configs:
      - url: http://relay/
        max_alerts: 1
  - name: unresolved
    webhook_configs:
      - url: http://relay/
        send_resolved: false
  - name: nobody
`;

const labelled = (labels: Readonly<Record<string, string>>, annotations = {}) => ({ labels, annotations });

export const MANY_ROUTES: Readonly<Record<string, AlertScript>> = {
  "alerts match several": {
    alerts: {
      disk: labelled({ alertname: "Disk", kind: "disk", team: "web", zone: "a" }, { summary: "full" }),
      memory: labelled({ alertname: "Memory", kind: "memory", team: "web", zone: "a" }, { summary: "full" }),
      elsewhere: labelled({ alertname: "Memory", kind: "memory", team: "db", zone: "b" }),
      quiet: labelled({ alertname: "Quiet", kind: "disk", team: "web", zone: "b", instance: "i2" }),
      b1: labelled({ alertname: "Busy", team: "web", zone: "b", instance: "i1" }, { summary: "busy" }),
      a1: labelled(
        { alertname: "Busy", team: "web", zone: "a", instance: "i2", job: "j" },
        { summary: "busy" },
      ),
      a2: labelled({ alertname: "Busy", team: "web", zone: "a" }, { summary: "busy", more: "x" }),
    },
    steps: [
      [0, ["disk", "memory", "elsewhere", "quiet", "b1", "a1", "a2"]],
      [3500, ["memory", "elsewhere", "b1", "a2"]],
      [7500, ["a2"]],
      [9500, []],
    ],
    endMs: 12_000,
  },
  "a reminder and an end that is no news fall together": {
    alerts: {
      one: labelled({ alertname: "Busy", team: "web", zone: "c", instance: "i1" }),
      two: labelled({ alertname: "Busy", team: "web", zone: "c", instance: "i2" }),
    },
    steps: [
      [0, ["one", "two"]],
      [1500, ["one"]],
      [3000, ["one", "two"]],
      [4000, ["one"]],
      [5000, ["one", "two"]],
      [6000, ["one"]],
      [7500, []],
    ],
    endMs: 9500,
  },
  "some keep one another back": {
    alerts: {
      x: labelled({ alertname: "X", kind: "x" }),
      y: labelled({ alertname: "Y", kind: "y" }),
      z: labelled({ alertname: "Z", kind: "z" }),
      u: labelled({ alertname: "Ü \u00a0\u0001\t\u007f𝒳", kind: "disk", team: 'tüm "q"\\' }),
      said: labelled({ alertname: "Said", say: 'a \\ "b"\n' }),
      said2: labelled({ alertname: "Said", say: 'a \\ "b"\n', empty: "" }, { empty: "" }),
      said3: labelled({ alertname: "Said", say: 'a \\ "b"\n', more: "1" }),
    },
    steps: [
      [0, ["x", "y", "z", "u", "said"]],
      [3500, ["y", "z", "said3", "said"]],
      [5500, ["z", "said2"]],
      [7500, []],
    ],
    endMs: 11_000,
  },
};
