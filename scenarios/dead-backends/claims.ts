import { alertsAtOnce, lasts, pagesAtOnce, shareBand, tailOf, type Claim } from "../claim.ts";

export const claims: readonly Claim[] = [
  {
    name: "users who are affected",
    kind: "emergent",
    reported: 0.3,
    measure: { of: "figure", figure: "affectedUserRatio" },
    band: shareBand(0.3),
    interpretation: "30 % of users who lose everything are read as the same users all the time",
  },
  {
    name: "the service is lost to them completely: their requests that fail",
    kind: "emergent",
    reported: 1,
    measure: { of: "figure", figure: "affectedUsersFailedRatio" },
    band: { min: 0.95 },
  },
  {
    name: "nobody else notices: other users' requests that fail",
    kind: "emergent",
    reported: 0,
    measure: { of: "figure", figure: "otherUsersFailedRatio" },
    band: { max: 0.01 },
  },
  {
    name: "what they get",
    kind: "emergent",
    reported: "500",
    measure: { of: "answer" },
    band: { oneOf: ["500"] },
    contradicted: "HTTP 500",
  },
  pagesAtOnce,
  alertsAtOnce("an alert tells of errors", "HighFailureRatio"),
  tailOf(0),
  lasts(105),
];
