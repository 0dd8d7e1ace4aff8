import type { Statement } from "../statement.ts";

export const statements: readonly Statement[] = [
  { n: 1, says: "the outage lasted from 03:00 to 05:30", became: [{ claim: "the outage lasts" }] },
  {
    n: 2,
    says: "the error rate was up by 30 %",
    became: [{ claim: "requests that fail" }, { contradiction: "error rate +30 %" }],
  },
  {
    n: 3,
    says: "the response to it was late",
    became: [
      {
        notModelled:
          "no time is given of any response but the first alert and the end: every minute between them is ours",
      },
    ],
  },
  {
    n: 4,
    says: "traffic was distributed unevenly among the servers",
    became: [{ claim: "overloaded servers fail: share of the failures that one of them makes" }],
  },
  {
    n: 5,
    says: "03:00 alerts on a spike of errors and of latency",
    became: [
      { claim: "the pager rings as the outage begins" },
      { claim: "an alert tells of errors" },
      { claim: "an alert tells of latency" },
      { claim: "a latency spike: p95 against that of steady state" },
    ],
  },
  {
    n: 6,
    says: "the engineer on call was the first to notice, from alerts on server errors",
    became: [{ step: "the engineer on call looks at the servers" }],
  },
  {
    n: 7,
    says: "then servers were used to test the network, and performance was checked",
    became: [
      { step: "the network and the servers are tested" },
      { contradiction: "backend servers, database and application code were checked" },
    ],
  },
  {
    n: 8,
    says: "other lines were the database and the application's code",
    became: [
      { step: "the database's performance is looked into" },
      { step: "the application's code is searched for errors" },
      { contradiction: "backend servers, database and application code were checked" },
    ],
  },
  {
    n: 9,
    says: "there was no sudden moment of insight",
    became: [{ notModelled: "what nobody had cannot be shown" }],
  },
  {
    n: 10,
    says: "then it was escalated to DevOps and senior engineers",
    became: [{ step: "escalated to DevOps and senior engineers" }],
  },
  {
    n: 11,
    says: "further investigation found that a routine maintenance had set the balancer wrong",
    became: [{ step: "the review comes to the maintenance: the weights were set wrong" }],
  },
  {
    n: 12,
    says: "the balancer was put back to what it was, across the infrastructure",
    became: [
      { step: "the balancer's weights are put back" },
      { notModelled: "across the infrastructure: there is one balancer here" },
    ],
  },
  {
    n: 13,
    says: "monitoring that warns of changes was added afterwards",
    became: [{ notModelled: "it came after the outage" }],
  },
];
