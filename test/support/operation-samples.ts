import type { OperationName } from "../../lab/trainee/routes.ts";
import type { Input } from "../../lab/trainee/trainee.ts";

/** An input for each operation that means something. */
export const SAMPLES: { readonly [Name in OperationName]: Input<Name> } = {
  status: {},
  units: {},
  unitConfig: { unit: "web-1" },
  logs: { unit: "web-2", lines: 7 },
  config: { version: 2 },
  configHistory: {},
  configDiff: { from: 1, to: 2 },
  checkConfig: { yaml: "pools: {}\n", file: "mine.yaml" },
  changes: {},
  ports: {},
  metrics: { unit: "web-3" },
  query: { query: 'up{job="a b"}', range: 600, step: 5 },
  alerts: {},
  silences: {},
  pools: {},
  explain: { word: "URX" },
  drill: {},
  debrief: {},
  visit: { path: "/a?b=c", method: "POST", cookie: "session=x", body: "{}" },
  act: { do: "unit restart", unit: "web-2" },
  check: {},
  acknowledge: { alert: "HighFailureRatio" },
  silence: {
    matchers: [{ name: "alertname", value: "A", isRegex: false, isEqual: true }],
    seconds: 60,
    by: "ann",
    comment: "",
  },
  expireSilence: { id: "s1" },
  diagnose: { component: "web", mechanism: "traffic-skewed", scope: "some-requests" },
  hint: {},
  end: {},
};
