import { alertsAtOnce, lasts, minutesBand, pagesAtOnce, shareBand, tailOf, type Claim } from "../claim.ts";

export const claims: readonly Claim[] = [
  {
    name: "requests that fail",
    kind: "emergent",
    reported: 1,
    measure: { of: "figure", figure: "failedRequestRatio" },
    band: shareBand(1),
  },
  {
    name: "what users get",
    kind: "emergent",
    reported: "500",
    measure: { of: "answer" },
    band: { oneOf: ["500"] },
  },
  {
    name: "calls of APIs that depend on the service fail, too",
    kind: "emergent",
    reported: 1,
    measure: { of: "figure", figure: "routeFailedRatio", route: "api" },
    band: shareBand(1),
  },
  pagesAtOnce,
  { ...alertsAtOnce("an alert tells that dependent APIs fail", "DependentApiFailing"), ours: true },
  {
    name: "from the push to the outage",
    kind: "emergent",
    reported: 1,
    measure: { of: "minutes", from: { at: "change" }, to: { at: "first failure" } },
    band: minutesBand(1),
  },
  // The report has two minutes from the first restart to all traffic, and says nothing of the balancer's own.
  { ...tailOf(0), name: "from the balancer's restart until all traffic is back", ours: true },
  lasts(14),
];
