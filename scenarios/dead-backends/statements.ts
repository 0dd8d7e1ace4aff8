import type { Statement } from "../statement.ts";

export const statements: readonly Statement[] = [
  { n: 1, says: "from 22:00 to 23:45, in January 2024", became: [{ claim: "the outage lasts" }] },
  { n: 2, says: "30 % of the users were affected", became: [{ claim: "users who are affected" }] },
  {
    n: 3,
    says: "the web application was completely unavailable to them",
    became: [
      { claim: "the service is lost to them completely: their requests that fail" },
      { claim: "nobody else notices: other users' requests that fail" },
      { contradiction: "30 % of users, complete unavailability" },
    ],
  },
  {
    n: 4,
    says: "and the API's endpoints, too",
    became: [
      {
        notModelled:
          "this shop has pages only; an endpoint behind the same pool would fail for the same users",
      },
    ],
  },
  {
    n: 5,
    says: "22:00 alerts on a sudden increase of HTTP 500",
    became: [
      { claim: "the pager rings as the outage begins" },
      { claim: "an alert tells of errors" },
      { claim: "what they get" },
      { contradiction: "HTTP 500" },
    ],
  },
  {
    n: 6,
    says: "22:05 the engineering team is alerted and begins",
    became: [
      { step: "the engineering team begins" },
      {
        notModelled:
          "that the team hears of it five minutes after the monitoring: our pager rings whoever is on call at once",
      },
    ],
  },
  {
    n: 7,
    says: "22:20 the database under high load is suspected first",
    became: [{ step: "the database under high load is suspected" }],
  },
  {
    n: 8,
    says: "22:45 the database is fine; on to the balancer",
    became: [{ step: "the database works normally; on to the balancer" }],
  },
  { n: 9, says: "23:20 the misconfiguration is found", became: [{ step: "the misconfiguration is found" }] },
  {
    n: 10,
    says: "23:30 escalated to senior management",
    became: [{ step: "escalated to senior management" }],
  },
  {
    n: 11,
    says: "23:45 corrected, services restored, users back",
    became: [
      { step: "the configuration is corrected" },
      { claim: "from the last repair until users are well" },
      { claim: "the outage lasts" },
    ],
  },
  {
    n: 12,
    says: "a portion of the traffic went to backends that do not respond",
    became: [{ claim: "users who are affected" }],
  },
  {
    n: 13,
    says: "checks against it were implemented afterwards",
    became: [{ notModelled: "it came after the outage" }],
  },
];
