const RECEIVERS = `
receivers:
  - name: lab
    webhook_configs: [{ url: "http://relay/" }]
`;
const withRoute = (route: string): string => `route: { receiver: lab, ${route} }${RECEIVERS}`;
const withRule = (rule: string): string =>
  `route: { receiver: lab }\ninhibit_rules: [{ ${rule} }]${RECEIVERS}`;
const withWebhook = (webhook: string): string =>
  `route: { receiver: lab }\nreceivers: [{ name: lab, webhook_configs: [{ url: "http://relay/", ${webhook} }] }]`;

export const SOUND: Readonly<Record<string, string>> = {
  "the least that is needed": withRoute(""),
  "all labels to group by": withRoute("group_by: ['...']"),
  "an empty list to group by": withRoute("group_by: []"),
  "durations of several units": withRoute("group_wait: 0s, group_interval: 1m30s, repeat_interval: 1d"),
  "matchers in and out of quotes": withRoute(
    `routes: [{ matchers: ['a="b, c"', 'd=e', 'f =~ "g.*"', 'h!~"\\\\d+|x"', 'i!=""'] }]`,
  ),
  "what RE2 knows and JavaScript does not": withRoute(`routes: [{ matchers: ['a=~"\\\\Ab"'] }]`),
  "a rule of inhibition without matchers": withRule("equal: [a]"),
  "a receiver without an integration": `route: { receiver: none }\nreceivers: [{ name: none }]`,
  "a webhook with a secret": withWebhook(
    `send_resolved: false, max_alerts: 3, http_config: { authorization: { type: Bearer, credentials: secret } }`,
  ),
};

export const FAULTY: Readonly<Record<string, string>> = {
  "no route": RECEIVERS,
  "no receiver for the first route": `route: { group_by: [a] }${RECEIVERS}`,
  "a receiver that there is not": withRoute("routes: [{ receiver: other }]"),
  "two receivers of one name": `route: { receiver: a }\nreceivers: [{ name: a }, { name: a }]`,
  "a receiver without a name": `route: { receiver: a }\nreceivers: [{ name: a }, { name: "" }]`,
  "matchers on the first route": withRoute("matchers: [a=b]"),
  "a first route that goes on": withRoute("continue: true"),
  "a label to group by twice": withRoute("group_by: [a, a]"),
  "all labels and one more to group by": withRoute("group_by: ['...', a]"),
  "what is no label to group by": withRoute("group_by: ['a-b']"),
  "no interval between two tellings": withRoute("group_interval: 0s"),
  "no interval between two reminders": withRoute("repeat_interval: 0s"),
  "what is no duration": withRoute("group_wait: soon"),
  "a duration without a unit": withRoute("group_wait: 30"),
  "what is no matcher": withRoute("routes: [{ matchers: [nonsense] }]"),
  "a matcher with a faulty expression": withRoute("routes: [{ matchers: ['a=~\"(\"'] }]"),
  "a matcher with open quotes": withRoute(`routes: [{ matchers: ['a="b'] }]`),
  "an unknown field": withRoute("nonsense: 1"),
  "what is no label to be equal in": withRule("equal: ['a-b']"),
  "a webhook without a URL": `route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{}] }]`,
  "a webhook whose URL is not HTTP": `route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: "ftp://x/" }] }]`,
  "two secrets for a webhook": withWebhook(
    "http_config: { authorization: { credentials: a, credentials_file: /b } }",
  ),
  "text where a number belongs": withWebhook("max_alerts: many"),
};

export const NOT_OURS: Readonly<Record<string, string>> = {
  "the old kind of matchers": withRoute("routes: [{ match: { a: b } }]"),
  "times at which notifications are muted": `${withRoute("routes: [{ mute_time_intervals: [night] }]")}
time_intervals: [{ name: night, time_intervals: [{ times: [{ start_time: "22:00", end_time: "24:00" }] }] }]`,
  templates: `${withRoute("")}templates: []`,
  "a message to Slack": `route: { receiver: a }
receivers: [{ name: a, slack_configs: [{ api_url: "http://slack/", channel: "#x" }] }]`,
  "a webhook with a user and a password": withWebhook(
    "http_config: { basic_auth: { username: a, password: b } }",
  ),
  "several matchers in one text": withRoute(`routes: [{ matchers: ['{a="b",c="d"}'] }]`),
};
