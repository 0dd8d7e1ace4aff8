import { defineScenario } from "../scenario.ts";
import { rollBack } from "../shop.ts";
import { claims } from "./claims.ts";
import { drill } from "./drill.ts";
import { report } from "./report.ts";
import { statements } from "./statements.ts";

export const singleServer = defineScenario({
  id: "single-server",
  alias: "harvest",
  title: "Every request to one server",
  report: {
    number: "004",
    window: "2024-05-19, 03:00 to 05:30 UTC",
    impact: "about 85 % of users",
    impactRatio: 0.85,
    status: "not stated",
    minutes: { detect: 0, identify: 75, mitigate: 105, restore: 150 },
    userMinutesLostPer1000: 127_500,
    timeline: [
      { minute: 0, event: "alert: far fewer successful requests" },
      { minute: 5, event: "a server crash is suspected" },
      { minute: 15, event: "one server is seen to get all traffic; an application fault is assumed" },
      { minute: 30, event: "application code and database are searched" },
      { minute: 60, event: "the network team is called to look at the balancer's configuration" },
      { minute: 75, event: "the misconfiguration is found" },
      { minute: 105, event: "weights corrected, traffic even" },
      { minute: 150, event: "normal service" },
    ],
    playbook: [
      { minute: 0, says: "alert: far fewer successful requests", looks: ["alerts"] },
      { minute: 5, says: "a server crash is suspected", looks: ["units", "logs web-3"] },
      {
        minute: 15,
        says: "one server gets all the traffic; a fault of the application is assumed",
        looks: ["status", "logs web-3"],
        diagnosis: { component: "web-3", mechanism: "backend-bug", scope: "everyone" },
      },
      {
        minute: 30,
        says: "the application's recent changes and the database are searched",
        looks: ["changes", "logs web-3", "metrics database", "logs database"],
      },
      { minute: 60, says: "the network team is called to look at the balancer", looks: ["config"] },
      {
        minute: 75,
        says: "the network team finds the misconfiguration",
        looks: ["status"],
        diagnosis: { component: "web", mechanism: "single-target", scope: "some-requests" },
      },
      { minute: 105, says: "the weights are corrected", does: rollBack.steps },
      { minute: 120, says: "servers and distribution are watched", looks: ["status"] },
    ],
    claims,
    statements,
    contradictions: [
      {
        claim: "complete downtime, and 85 % of users",
        reason:
          "both cannot be; and a crash loop fails most requests of nearly every user, not all of some users'",
        treatment:
          "85 % is measured as the share of requests; the rest is what the server answers between two crashes",
      },
      {
        claim: "45 minutes from the corrected weights to normal service",
        reason: "no cause is given",
        treatment:
          "cold memories: at the report's pace all servers fill their caches again through one database; in a drill users are well at once",
      },
    ],
    measures: [
      "strict change management for the balancer's configuration",
      "monitoring and alerts on how traffic is distributed",
      "automated distribution checks",
      "training",
    ],
  },
  paces: { drill, report },
  alerts: {
    mustFire: ["HighFailureRatio", "UnevenDistribution", "UnitRestarting", "ConfigChanged"],
    mustNotFire: ["BalancerUnreachable", "LoginFailures", "DependentApiFailing", "UnitFailed"],
  },
  evidence: [
    { look: "lblab status", shows: "one backend has every request, the others none at all" },
    {
      look: "lblab ps; lblab logs web-3",
      shows: "that backend runs out of workers and restarts again and again",
    },
    {
      look: "lblab changes; lblab config diff 1 2",
      shows: "the last change to the balancer left only one weight above 0",
    },
  ],
  falseLeads: [
    {
      looksLike: "one server has a crash of its own",
      refutedBy: "four healthy servers stand idle beside it",
      subjects: ["web-3"],
    },
    {
      looksLike: "the application is broken",
      refutedBy: "the new version runs on web-5, which gets nothing",
      subjects: ["web-5", "deploy"],
    },
    {
      looksLike: "the database is a bottleneck",
      refutedBy: "its queue is empty and a query takes a few milliseconds",
      subjects: ["database", "tune"],
    },
  ],
  hints: [
    "A server crashes. What are the other four doing meanwhile?",
    "Seeing where all the traffic goes is half of the answer: ask who sends it there.",
    "lblab config diff 1 2",
  ],
  diagnosis: {
    accepted: [
      { component: "web", mechanism: "single-target", scope: "some-requests" },
      { component: "web", mechanism: "single-target", scope: "everyone" },
      { component: "balancer", mechanism: "single-target", scope: "some-requests" },
      { component: "balancer", mechanism: "single-target", scope: "everyone" },
      { component: "web", mechanism: "traffic-skewed", scope: "some-requests" },
      { component: "web", mechanism: "traffic-skewed", scope: "everyone" },
      { component: "balancer", mechanism: "traffic-skewed", scope: "some-requests" },
      { component: "balancer", mechanism: "traffic-skewed", scope: "everyone" },
    ],
    refuted: [
      {
        mechanism: "backend-bug",
        because: "it crashes because it gets five times its share; started afresh it does so again",
      },
      { mechanism: "bad-deployment", because: "the new version runs on a backend that gets no requests" },
      { mechanism: "database-slow", because: "the database has an empty queue and answers in milliseconds" },
      { mechanism: "traffic-surge", because: "users send what they always send" },
      { scope: "some-users", because: "nobody is tied to a backend: every user meets the same crash loop" },
    ],
  },
  spoilers: ["single-server", "one server", "override"],
});
