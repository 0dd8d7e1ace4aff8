import { defineScenario } from "../scenario.ts";
import { rollBack } from "../shop.ts";
import { claims } from "./claims.ts";
import { drill } from "./drill.ts";
import { report } from "./report.ts";
import { statements } from "./statements.ts";

export const deadBackends = defineScenario({
  id: "dead-backends",
  alias: "thistle",
  title: "Stale upstreams in the pool",
  report: {
    number: "003",
    window: "January 2024, 22:00 to 23:45",
    impact: "30 % of users, complete loss for them",
    impactRatio: 0.3,
    status: "500",
    minutes: { detect: 0, identify: 80, mitigate: 105, restore: 105 },
    userMinutesLostPer1000: 31_500,
    timeline: [
      { minute: 0, event: "alert: HTTP 500s" },
      { minute: 5, event: "the engineering team begins" },
      { minute: 20, event: "the database under high load is suspected" },
      { minute: 45, event: "the database is found to work normally; on to the balancer" },
      { minute: 80, event: "the misconfiguration is found" },
      { minute: 90, event: "escalated to senior management" },
      { minute: 105, event: "configuration corrected, users back" },
    ],
    playbook: [
      { minute: 0, says: "alert: errors", looks: ["alerts"] },
      { minute: 5, says: "the engineering team begins", looks: ["status", "logs web-1"] },
      {
        minute: 20,
        says: "the database under high load is suspected",
        looks: ["metrics database", "logs database"],
      },
      { minute: 45, says: "the database works normally; on to the balancer", looks: ["config"] },
      {
        minute: 80,
        says: "the misconfiguration is found",
        looks: ["changes", "ports"],
        diagnosis: { component: "web", mechanism: "stale-upstreams", scope: "some-users" },
      },
      { minute: 90, says: "escalated to senior management" },
      { minute: 105, says: "the configuration is corrected", does: rollBack.steps },
    ],
    claims,
    statements,
    contradictions: [
      {
        claim: "30 % of users, complete unavailability",
        reason: "both hold only if the same users always land on the dead backends",
        treatment: "users keep to a backend by a hash of their cookie",
      },
      {
        claim: "HTTP 500",
        reason: "a balancer answers 502, 503 or 504 for a backend that does not respond",
        treatment: "our balancer's real code is shown beside the report's",
      },
    ],
    measures: [
      "stricter configuration management and peer review",
      "granular visibility of the balancer and of configuration changes",
      "automated configuration validation",
      "regular audits",
      "training",
    ],
  },
  paces: { drill, report },
  alerts: {
    mustFire: ["HighFailureRatio", "ConfigChanged"],
    mustNotFire: [
      "BalancerUnreachable",
      "LoginFailures",
      "DependentApiFailing",
      "QueueFull",
      "UnitRestarting",
      "UnitFailed",
      "UpstreamDown",
    ],
  },
  evidence: [
    {
      look: "lblab status",
      shows: "502 with the balancer's own flag UF: it could not connect; users fail always or never",
    },
    { look: "curl -b user=NAME", shows: "the failures follow the user, not the page" },
    {
      look: "lblab logs balancer; lblab status",
      shows: "connect failures on three named backends, all of them counted as UP",
    },
    { look: "lblab ps", shows: "no unit has these names" },
    {
      look: "lblab changes; lblab config diff 1 2",
      shows: "the last change added three upstreams and dropped the health checks",
    },
  ],
  falseLeads: [
    {
      looksLike: "the database is under high load",
      refutedBy: "a query takes 3 ms more; the users that are not affected notice nothing",
      subjects: ["database", "tune"],
    },
    {
      looksLike: "the new version of web fails",
      refutedBy: "web-2 answers every request it gets",
      subjects: ["web-2", "deploy"],
    },
  ],
  hints: [
    "Take one user who fails and one who does not. What is the difference, the page or the person?",
    "The answers come from the balancer itself. What did it try to reach?",
    "Why does the balancer believe that all upstreams are UP? lblab config diff 1 2",
  ],
  diagnosis: {
    accepted: [
      { component: "web", mechanism: "stale-upstreams", scope: "some-users" },
      { component: "balancer", mechanism: "stale-upstreams", scope: "some-users" },
    ],
    refuted: [
      {
        mechanism: "database-slow",
        because: "the failures never got as far as a backend, let alone the database",
      },
      { mechanism: "bad-deployment", because: "the new version answers every request it gets" },
      { mechanism: "backend-bug", because: "no running backend fails" },
      { mechanism: "network-loss", because: "the same addresses refuse always, all others never" },
      { scope: "some-requests", because: "the same users fail on nearly every request, the others never" },
      { scope: "everyone", because: "two users in three notice nothing" },
    ],
  },
  spoilers: ["dead-backends", "dead backend", "decommission"],
});
