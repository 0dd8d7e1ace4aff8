import { z } from "zod";
import { backendConfig } from "../../backends/config.ts";
import { action } from "../../scenarios/action.ts";
import { OWN_WORDS_AT_LEAST, SCOPES, type Scope } from "../../scenarios/diagnosis.ts";
import { nearest } from "../../lb/config/did-you-mean.ts";

/** Something wrong with a scenario: where in it, and what. */
export interface ScenarioFault {
  readonly path: string;
  readonly reason: string;
}

const text = z.string().trim().min(1, "must not be empty");
const ratio = z.number().min(0).max(1);
const ms = z.number().min(0);
const names = z.array(text);
const words = <T extends string>(table: Readonly<Record<T, string>>) =>
  z.enum(Object.keys(table) as [T, ...T[]]);
const fault = z.custom<(...given: never[]) => unknown>(
  (value) => typeof value === "function",
  "must be a function of the stage: (stage) => stage.pushConfig(...)",
);
const fix = z.strictObject({ name: text, steps: z.array(action).min(1, "must have a step") });

const band = { min: z.number().optional(), max: z.number().optional() };
const expectation = z.discriminatedUnion("figure", [
  z.strictObject({
    ...band,
    figure: z.enum([
      "failedRequestRatio",
      "affectedUserRatio",
      "worstBackendFailureShare",
      "affectedUsersFailedRatio",
      "otherUsersFailedRatio",
      "restartsPerMinute",
    ]),
  }),
  z.strictObject({
    ...band,
    figure: z.enum(["routeFailedRatio", "p95Factor", "busiestBackendShare"]),
    route: text,
  }),
  z.strictObject({ ...band, figure: z.literal("answerShare"), answer: text, route: text }),
]);

const paceSet = z.strictObject({
  timing: z.strictObject({
    reportMinuteMs: ms,
    observeEveryMs: ms,
    judgeEveryMs: ms,
    steadyWithinMs: ms,
    impactWithinMs: ms,
    pageWithinMs: ms,
    measureForMs: ms.or(z.literal(Infinity)),
    wellForMs: ms,
    reboots: z.boolean(),
  }),
  topology: z.strictObject({
    // Held against the balancer's own schema afterwards, which says more than this one could.
    config: z.looseObject({
      listeners: z.array(z.unknown()).min(1),
      pools: z.record(z.string(), z.unknown()),
    }),
    backends: z
      .array(backendConfig.omit({ seed: true, host: true }).extend({ restartDelayMs: ms.optional() }))
      .min(1),
  }),
  workload: z.strictObject({
    loadRequestsPerSecond: z.number().min(0),
    users: z.strictObject({
      count: z.int().min(1),
      prefix: text,
      visitEveryMs: z.number().positive(),
      timeoutMs: z.number().positive(),
      login: z
        .strictObject({
          retryEveryMs: z.number().positive(),
          retryJitter: ratio,
          backOff: z.strictObject({ factor: z.number().min(1), atMostMs: ms }).optional(),
          patienceMs: z.number().positive(),
          rampMs: ms,
        })
        .optional(),
    }),
    pages: z.array(text.startsWith("/", "must begin with /")).min(1),
    catalogue: z.strictObject({ prefix: text, count: z.int().min(1) }).optional(),
    apiPerSecond: z.number().positive().optional(),
  }),
  steadyState: z.strictObject({
    failedRatio: ratio,
    affectedRatio: ratio,
    p95Ms: z.record(text, z.number().positive()),
  }),
  prelude: z.array(fault),
  change: z.array(fault).min(1, "must have a fault: without one nothing happens"),
  impact: z.strictObject({ expectations: z.array(expectation).min(1), settleMs: ms }),
  recoveryMs: z.number().positive(),
  restartRecoveryMs: z.number().positive().optional(),
  rightFixes: z.array(fix).min(2, "must have two right fixes at least"),
  mitigations: z.array(fix),
  wrongFixes: z.array(fix).min(5, "must have five wrong fixes at least"),
});

const diagnosis = z.strictObject({
  component: text,
  // Held against all words afterwards, the scenario's own among them.
  mechanism: text,
  scope: words<Scope>(SCOPES),
});

const minute = z.number();
const moment = z.discriminatedUnion("at", [
  z.strictObject({
    at: z.enum(["change", "first failure", "page", "first action", "last action", "users well"]),
  }),
  z.strictObject({ at: z.literal("alert"), alert: text }),
]);
const claim = z.strictObject({
  name: text,
  kind: z.enum(["emergent", "scripted"]),
  reported: z.number().or(text),
  measure: z.discriminatedUnion("of", [
    z.strictObject({ of: z.literal("figure"), figure: text, route: text.optional() }),
    z.strictObject({ of: z.literal("answer") }),
    z.strictObject({ of: z.literal("minute"), moment }),
    z.strictObject({ of: z.literal("minutes"), from: moment, to: moment }),
  ]),
  band: z.union([z.strictObject(band), z.strictObject({ oneOf: names.min(1) })]),
  contradicted: text.optional(),
  ours: z.literal(true).optional(),
  interpretation: text.optional(),
});
const statement = z.strictObject({
  n: z.int().min(1),
  says: text,
  became: z
    .array(
      z.union([
        z.strictObject({ claim: text }),
        z.strictObject({ step: text }),
        z.strictObject({ contradiction: text }),
        z.strictObject({ notModelled: text }),
      ]),
    )
    .min(1),
});
const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const ownWords = z
  .record(z.string().regex(KEBAB, "must be words of small letters with - between them"), text)
  .refine((words) => Object.keys(words).length >= OWN_WORDS_AT_LEAST, {
    message: `must be ${OWN_WORDS_AT_LEAST} words at least, decoys among them: fewer would give the answer away`,
  });

const scenarioShape = z.strictObject({
  id: z.string().regex(KEBAB, "must be words of small letters with - between them"),
  alias: z.string().regex(KEBAB, "must be words of small letters with - between them"),
  title: text,
  report: z.strictObject({
    number: text,
    window: text,
    impact: text,
    impactRatio: ratio,
    status: text,
    minutes: z.strictObject({
      detect: minute,
      identify: minute.nullable(),
      mitigate: minute,
      restore: minute,
    }),
    userMinutesLostPer1000: z.number().min(0),
    timeline: z.array(z.strictObject({ minute, event: text })),
    playbook: z.array(
      z.strictObject({
        minute,
        ours: z.literal(true).optional(),
        says: text,
        looks: names.optional(),
        diagnosis: diagnosis.optional(),
        does: z.array(action).optional(),
        fix: text.optional(),
      }),
    ),
    contradictions: z.array(z.strictObject({ claim: text, reason: text, treatment: text })),
    claims: z.array(claim),
    // A story of one's own has no report whose sentences could be listed.
    statements: z.array(statement).default([]),
    measures: names,
  }),
  paces: z.strictObject({ drill: paceSet, report: paceSet }),
  alerts: z.strictObject({ mustFire: names, mustNotFire: names }),
  evidence: z.array(z.strictObject({ look: text, shows: text })).min(1),
  falseLeads: z.array(z.strictObject({ looksLike: text, refutedBy: text, subjects: names })),
  hints: names.min(1),
  diagnosis: z.strictObject({
    accepted: z.array(diagnosis).min(1),
    refuted: z.array(diagnosis.partial().extend({ because: text })),
    words: z.strictObject({ components: ownWords.optional(), mechanisms: ownWords.optional() }).optional(),
  }),
  spoilers: names.min(1, "must have a word: which ones would give it away?"),
});

/** Everything in which a value is not made like a scenario. */
export function shapeFaults(value: unknown): ScenarioFault[] {
  const parsed = scenarioShape.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue): ScenarioFault[] => {
    if (issue.code !== "unrecognized_keys")
      return [{ path: pathOf(issue.path), reason: reasonOf(issue, value) }];
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), reason: "is not a known field" }));
  });
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((step, i) => (typeof step === "number" ? `[${step}]` : `${i === 0 ? "" : "."}${String(step)}`))
    .join("") || "the scenario";

function reasonOf(issue: z.core.$ZodIssue, whole: unknown): string {
  if (issue.code === "invalid_value") {
    const given = valueAt(whole, issue.path);
    const near = typeof given === "string" ? nearest(given, issue.values.map(String)) : undefined;
    return `must be one of ${issue.values.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
  }
  if (issue.code === "invalid_type" && valueAt(whole, issue.path) === undefined)
    return `is missing: ${issue.expected} expected`;
  return issue.message;
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (here, step) => (typeof here === "object" && here !== null ? Reflect.get(here, step) : undefined),
    value,
  );
