import { alertsAtOnce, lasts, pagesAtOnce, shareBand, tailOf, type Claim } from "../claim.ts";

export const claims: readonly Claim[] = [
  {
    name: "requests that fail",
    kind: "emergent",
    reported: 0.3,
    measure: { of: "figure", figure: "failedRequestRatio" },
    band: shareBand(0.3),
    interpretation: "an error rate up by 30 % is read as 30 % of all requests",
  },
  {
    name: "a latency spike: p95 against that of steady state",
    kind: "emergent",
    reported: "a spike",
    measure: { of: "figure", figure: "p95Factor", route: "page" },
    band: { min: 3 },
  },
  {
    name: "overloaded servers fail: share of the failures that one of them makes",
    kind: "emergent",
    reported: "overloaded servers",
    measure: { of: "figure", figure: "worstBackendFailureShare" },
    band: { min: 0.5 },
  },
  pagesAtOnce,
  alertsAtOnce("an alert tells of errors", "HighFailureRatio"),
  alertsAtOnce("an alert tells of latency", "SlowRequests"),
  { ...tailOf(0), ours: true },
  lasts(150),
];
