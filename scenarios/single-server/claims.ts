import { alertsAtOnce, lasts, pagesAtOnce, shareBand, tailOf, type Claim } from "../claim.ts";

export const claims: readonly Claim[] = [
  {
    name: "requests that fail",
    kind: "emergent",
    reported: 0.85,
    measure: { of: "figure", figure: "failedRequestRatio" },
    band: shareBand(0.85),
    interpretation: "85 % of users is read as 85 % of requests",
  },
  {
    name: "one server gets everything: share of the answers that it gives",
    kind: "emergent",
    reported: 1,
    measure: { of: "figure", figure: "busiestBackendShare", route: "page" },
    band: shareBand(1),
  },
  {
    name: "users who are affected in a window of 10 s",
    kind: "emergent",
    reported: 0.85,
    measure: { of: "figure", figure: "affectedUserRatio" },
    band: shareBand(0.85),
    contradicted: "complete downtime, and 85 % of users",
  },
  {
    name: "the server crashes: restarts of it a minute",
    kind: "emergent",
    reported: "it crashed",
    measure: { of: "figure", figure: "restartsPerMinute" },
    band: { min: 1 },
  },
  pagesAtOnce,
  alertsAtOnce("an alert tells of far fewer successful requests", "HighFailureRatio"),
  tailOf(45),
  lasts(150),
];
