import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parsePagerConfig } from "../../../../lab/observe/pager/config.ts";
import { formatFault } from "../../../../runtime/yaml/fault.ts";

const ROOT = join(import.meta.dirname, "../../../..");

function parsed(text: string) {
  const read = parsePagerConfig(text, "am.yml");
  if (!read.ok) throw new Error(read.faults.map(formatFault).join("\n"));
  return read.config;
}
function faults(text: string): string[] {
  const read = parsePagerConfig(text, "am.yml");
  return read.ok ? [] : read.faults.map(formatFault);
}

const RECEIVERS = `receivers:
  - name: lab
    webhook_configs:
      - url: http://relay/
`;

describe("the pager's configuration", () => {
  it("is read out of the file that Compose uses: one page, causes on their own and kept back by it", () => {
    const config = parsed(readFileSync(join(ROOT, "dashboards/alertmanager.yml"), "utf8"));
    expect(config.route).toMatchObject({ receiver: "on-call", groupBy: ["severity"], groupWaitMs: 1000 });
    expect(config.route.routes).toMatchObject([
      { receiver: "notes", groupBy: ["alertname"], groupWaitMs: 1000 },
    ]);
    expect(config.inhibitRules).toEqual([
      {
        source: [{ label: "severity", op: "=", value: "page" }],
        target: [{ label: "severity", op: "=", value: "inform" }],
        equal: [],
      },
    ]);
  });

  it("takes Alertmanager's defaults for what it leaves out", () => {
    expect(parsed(`route: { receiver: lab }\n${RECEIVERS}`)).toEqual({
      resolveTimeoutMs: 300_000,
      route: {
        receiver: "lab",
        matchers: [],
        groupBy: [],
        groupWaitMs: 30_000,
        groupIntervalMs: 300_000,
        repeatIntervalMs: 14_400_000,
        goesOn: false,
        routes: [],
      },
      inhibitRules: [],
      receivers: [{ name: "lab", webhooks: [{ sendsResolved: true, maxAlerts: 0 }] }],
      text: expect.stringContaining("receiver: lab") as string,
    });
  });

  it("is shown without its secrets, and keeps them from being printed", () => {
    const config = parsed(`
route: { receiver: lab } # m4rker
receivers:
  - name: lab
    webhook_configs:
      - url: https://ada:m4rker@hooks.test/m4rker
        http_config: { authorization: { type: Bearer, credentials: m4rker } }
`);
    expect(config.text).toContain("url: <secret>");
    expect(config.text).toContain("credentials: <secret>");
    expect(JSON.stringify(config)).not.toContain("m4rker");
  });

  it("inherits from a route to those below it what they do not set themselves", () => {
    const { route } = parsed(`
route:
  receiver: lab
  group_by: ['...']
  group_wait: 1s
  routes:
    - group_interval: 2s
      routes:
        - { group_by: [a], group_wait: 0s, continue: true }
        - { group_by: [] }
${RECEIVERS}`);
    expect(route.routes[0]?.routes).toMatchObject([
      { receiver: "lab", groupBy: ["a"], groupWaitMs: 0, groupIntervalMs: 2000, goesOn: true },
      { receiver: "lab", groupBy: undefined, groupWaitMs: 1000, groupIntervalMs: 2000, goesOn: false },
    ]);
  });

  it("is refused with the place of everything that is wrong, in the order of the text", () => {
    expect(
      faults(`global:
  resolve_timeout: soon
route:
  receiver: lab
  group_by: [a, a]
  nonsense: 1
  routes:
    - matchers: [a=b, 'c', 'd=~"("']
${RECEIVERS}`),
    ).toEqual([
      "am.yml:2:20: global.resolve_timeout: is no duration; write it like 30s or 5m",
      "am.yml:5:13: route.group_by: names a label twice",
      "am.yml:6:3: route.nonsense: is no field that is known here",
      'am.yml:8:23: route.routes[0].matchers[1]: is no matcher; write each as an entry of its own, like severity="page"',
      "am.yml:8:28: route.routes[0].matchers[2]: not a regular expression of RE2 (missing closing )): (",
    ]);
  });

  it("gets a finding for each field of Alertmanager's that the lab does not support", () => {
    const reported = faults(`route:
  receiver: lab
  routes:
    - match: { a: b }
receivers:
  - name: lab
    email_configs: []
templates: []
`);
    expect(reported).toEqual([
      "am.yml:4:14: route.routes[0].match: is understood by Alertmanager, but not by the lab's pager",
      "am.yml:7:20: receivers[0].email_configs: is understood by Alertmanager, but not by the lab's pager",
      "am.yml:8:12: templates: is understood by Alertmanager, but not by the lab's pager",
    ]);
  });

  it("is refused when receivers and the first route do not fit together", () => {
    expect(
      faults(`route:
  matchers: [a=b]
  continue: true
  routes:
    - receiver: other
receivers:
  - name: lab
  - name: lab
`),
    ).toEqual([
      "am.yml:2:3: route: the first route takes every alert: it needs a receiver",
      "am.yml:2:13: route.matchers: the first route takes every alert: it has no matchers",
      "am.yml:3:13: route.continue: there is no route after the first one",
      'am.yml:5:17: route.routes[0].receiver: there is no receiver "other"',
      'am.yml:8:11: receivers[1].name: there are two receivers "lab"',
    ]);
  });
});
