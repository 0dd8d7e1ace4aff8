import { z } from "zod";
import { action } from "../../scenarios/action.ts";
import { SCOPES } from "../../scenarios/diagnosis.ts";
import type { OperationName } from "./routes.ts";
import { VISIT_METHODS } from "../world/visit.ts";

const nothing = z.strictObject({});
const unit = z.strictObject({ unit: z.string().min(1).max(64) });
/** A query string holds texts: numbers are parsed from them. */
const whole = z.coerce.number<number>().int().min(1);
/** More points than Prometheus gives in one answer are refused by the evaluator. */
const seconds = z.coerce.number<number>().positive().max(86_400);

const headerText = z
  .string()
  .max(8000)
  .regex(/^[\x20-\x7e]*$/, "must be printable ASCII");

const matcher = z.strictObject({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean(),
});

/** The input of each operation; over HTTP these are the fields of path, query and body together. */
export const INPUTS = {
  status: nothing,
  users: nothing,
  units: nothing,
  unitConfig: unit,
  logs: unit.extend({ lines: whole.max(10_000).default(100) }),
  config: z.strictObject({ version: whole.optional() }),
  configHistory: nothing,
  configDiff: z.strictObject({ from: whole.optional(), to: whole.optional() }),
  rollout: nothing,
  audit: nothing,
  checkConfig: z.strictObject({
    yaml: z.string(),
    /** Name of the text in findings. */
    file: z.string().min(1).max(1000).optional(),
  }),
  changes: nothing,
  ports: nothing,
  metrics: unit,
  query: z.strictObject({
    query: z.string().min(1).max(10_000),
    range: seconds.optional(),
    step: seconds.optional(),
  }),
  alerts: nothing,
  silences: nothing,
  pools: nothing,
  explain: z.strictObject({ word: z.string().min(1).max(100).optional() }),
  drill: nothing,
  debrief: nothing,
  visit: z.strictObject({
    path: z
      .string()
      .max(8000)
      .regex(/^\/[\x21-\x7e]*$/, "must begin with / and be printable ASCII"),
    method: z.enum(VISIT_METHODS).default("GET"),
    cookie: headerText.optional(),
    /** Sent as it is, as text. */
    body: z
      .string()
      .max(64 * 1024)
      .optional(),
  }),
  act: action,
  check: nothing,
  acknowledge: z.strictObject({ alert: z.string().optional() }),
  silence: z.strictObject({
    matchers: z.array(matcher).min(1).max(20),
    seconds: z.number().positive().max(86_400),
    by: z.string().min(1).max(64).optional(),
    comment: z.string().max(500).default(""),
  }),
  expireSilence: z.strictObject({ id: z.string().min(1).max(64) }),
  diagnose: z.strictObject({
    component: z.string().min(1).max(64),
    // The drill checks the word: a scenario may add some.
    mechanism: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, "must be a word of small letters"),
    scope: z.enum(Object.keys(SCOPES) as [keyof typeof SCOPES]),
  }),
  hint: nothing,
  end: nothing,
} as const satisfies Record<OperationName, z.ZodType>;
