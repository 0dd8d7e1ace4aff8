import type { Statement } from "../statement.ts";

export const statements: readonly Statement[] = [
  { n: 1, says: "on November 13, 2023, from 02:00 to 06:00", became: [{ claim: "the outage lasts" }] },
  {
    n: 2,
    says: "users were locked out with 503",
    became: [
      { claim: "what they get" },
      { claim: "it is authentication that fails: pages of the shop that fail" },
    ],
  },
  { n: 3, says: "about 75 % of the users", became: [{ claim: "users who are locked out" }] },
  {
    n: 4,
    says: "02:00 alerts on a spike of authentication errors",
    became: [
      { claim: "the pager rings as the outage begins" },
      { claim: "an alert tells of a spike in authentication errors" },
    ],
  },
  {
    n: 5,
    says: "02:10 the logs of the authentication service",
    became: [{ step: "the auth service's logs are searched for anything unusual" }],
  },
  {
    n: 6,
    says: "02:30 a recent deployment is suspected",
    became: [
      { step: "a recent deployment is suspected, and changes are gone through" },
      { contradiction: "a recent deployment" },
    ],
  },
  {
    n: 7,
    says: "03:00 the balancer's misconfiguration is found, and corrective measures begin",
    became: [
      { step: "the balancer's configuration is found to be the cause" },
      { notModelled: "what the measures of the hour between finding and correcting were is not said" },
    ],
  },
  {
    n: 8,
    says: "03:30 escalated to the infrastructure team",
    became: [{ step: "escalated to the infrastructure team" }],
  },
  {
    n: 9,
    says: "04:00 corrected, and the distribution normal",
    became: [{ step: "the distribution is corrected" }],
  },
  {
    n: 10,
    says: "06:00 fully restored",
    became: [
      { claim: "from the last repair until users are well" },
      { claim: "the outage lasts" },
      { contradiction: "120 minutes from the correction to restored service" },
    ],
  },
  {
    n: 11,
    says: "a bottleneck of traffic at the authentication servers",
    became: [{ claim: "a bottleneck at the auth servers: share of the logins that one of the four answers" }],
  },
];
