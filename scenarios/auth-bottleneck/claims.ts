import { alertsAtOnce, lasts, pagesAtOnce, shareBand, tailOf, type Claim } from "../claim.ts";

export const claims: readonly Claim[] = [
  {
    name: "users who are locked out",
    kind: "emergent",
    reported: 0.75,
    measure: { of: "figure", figure: "affectedUserRatio" },
    band: shareBand(0.75),
  },
  {
    name: "what they get",
    kind: "emergent",
    reported: "503",
    measure: { of: "answer" },
    band: { oneOf: ["503"] },
  },
  {
    name: "a bottleneck at the auth servers: share of the logins that one of the four answers",
    kind: "emergent",
    reported: "a bottleneck at the auth servers",
    measure: { of: "figure", figure: "busiestBackendShare", route: "login" },
    band: { min: 0.99 },
  },
  {
    name: "failures of logins that the balancer makes itself, before any auth server sees them",
    kind: "emergent",
    reported: "not said",
    measure: { of: "figure", figure: "answerShare", route: "login" },
    band: { min: 0.99 },
    ours: true,
  },
  {
    name: "it is authentication that fails: pages of the shop that fail",
    kind: "emergent",
    reported: "the authentication service",
    measure: { of: "figure", figure: "routeFailedRatio", route: "page" },
    band: { max: 0.01 },
  },
  pagesAtOnce,
  alertsAtOnce("an alert tells of a spike in authentication errors", "LoginFailures"),
  tailOf(120),
  lasts(240),
];
