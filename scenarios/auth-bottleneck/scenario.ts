import { defineScenario } from "../scenario.ts";
import { claims } from "./claims.ts";
import { drill } from "./drill.ts";
import { report } from "./report.ts";
import { statements } from "./statements.ts";

export const authBottleneck = defineScenario({
  id: "auth-bottleneck",
  alias: "juniper",
  title: "Authentication funnelled through one server",
  report: {
    number: "002",
    window: "2023-11-13, 02:00 to 06:00 UTC",
    impact: "75 % of users locked out",
    impactRatio: 0.75,
    status: "503",
    minutes: { detect: 0, identify: 60, mitigate: 120, restore: 240 },
    userMinutesLostPer1000: 180_000,
    timeline: [
      { minute: 0, event: "alert: authentication errors" },
      { minute: 10, event: "the logs of the auth service are read" },
      { minute: 30, event: "a recent deployment is suspected" },
      { minute: 60, event: "the balancer's configuration is found to be the cause" },
      { minute: 90, event: "escalated to the infrastructure team" },
      { minute: 120, event: "distribution corrected" },
      { minute: 240, event: "service restored" },
    ],
    playbook: [
      { minute: 0, says: "alert: authentication errors", looks: ["alerts", "status"] },
      {
        minute: 10,
        says: "the auth service's logs are searched for anything unusual",
        looks: ["logs auth-1", "logs auth-2"],
      },
      {
        minute: 30,
        says: "a recent deployment is suspected, and changes are gone through",
        looks: ["changes", "logs web-5"],
      },
      {
        minute: 60,
        says: "the balancer's configuration is found to be the cause",
        looks: ["config", "status"],
        diagnosis: { component: "auth", mechanism: "pool-throttled", scope: "one-route" },
      },
      { minute: 90, says: "escalated to the infrastructure team" },
      {
        minute: 120,
        says: "the distribution is corrected",
        fix: "restore all auth servers and their limits",
      },
    ],
    claims,
    statements,
    contradictions: [
      {
        claim: "120 minutes from the correction to restored service",
        reason: "nothing in the report explains them",
        treatment:
          "a retry herd: everyone locked out tries again and again, and the auth servers work off the backlog",
      },
      {
        claim: "a recent deployment",
        reason: "named as a false assumption, without saying what was deployed",
        treatment: "a deployment of another service really happened shortly before",
      },
    ],
    measures: [
      "review of the balancer's configuration",
      "automated anomaly detection",
      "scheduled configuration audit",
      "automated rollback",
    ],
  },
  paces: { drill, report },
  alerts: {
    mustFire: ["LoginFailures", "HighFailureRatio", "QueueFull", "ConfigChanged"],
    mustNotFire: [
      "BalancerUnreachable",
      "DependentApiFailing",
      "UnevenDistribution",
      "UnitRestarting",
      "UnitFailed",
      "UpstreamDown",
    ],
  },
  evidence: [
    {
      look: "lblab status",
      shows: "logins fail with 503 and the balancer's own flag UO: they never reached an auth server",
    },
    { look: "lblab logs auth-1", shows: "clean: the auth service refuses nothing" },
    {
      look: "lblab status",
      shows: "the queue of the pool auth is full while three auth servers idle outside of it",
    },
    {
      look: "lblab changes; lblab config diff 1 2",
      shows: "the change before the last one left one upstream with one connection in the pool auth",
    },
  ],
  falseLeads: [
    {
      looksLike: "the auth service is broken",
      refutedBy: "its log is clean and it answers every request it gets",
      subjects: ["auth-1", "auth-2", "auth-3", "auth-4"],
    },
    {
      looksLike: "the deployment of that night",
      refutedBy: "it went to web, and pages do not fail",
      subjects: ["web-5", "deploy"],
    },
  ],
  hints: [
    "Who wrote the 503, the auth service or somebody in front of it?",
    "How long is the queue in front of the auth pool, and how busy are the auth servers?",
    "How many servers and connections does the pool have? lblab config diff 1 2. And what does web need of version 3?",
  ],
  diagnosis: {
    accepted: [
      { component: "auth", mechanism: "pool-throttled", scope: "one-route" },
      { component: "balancer", mechanism: "pool-throttled", scope: "one-route" },
    ],
    refuted: [
      { mechanism: "backend-bug", because: "the auth servers answer every request that reaches them" },
      {
        mechanism: "session-loss",
        because:
          "sessions were lost once, in the restart; what keeps users out is that they cannot sign in again",
      },
      { mechanism: "bad-deployment", because: "it went to another service, whose pages do not fail" },
      {
        mechanism: "traffic-surge",
        because: "the retries are the effect: before the change there were few logins",
      },
      { mechanism: "database-slow", because: "logins do not use it, and pages are quick" },
      { scope: "everyone", because: "pages work, and who is signed in notices nothing" },
      { scope: "some-users", because: "nobody is locked out for good: now and then somebody gets in" },
    ],
  },
  spoilers: ["bottleneck", "funnel", "throttled"],
});
