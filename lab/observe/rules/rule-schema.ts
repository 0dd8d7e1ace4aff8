import { z } from "zod";
import { parseDuration } from "../promql/literals.ts";

const duration = z.string().transform((text, context) => {
  const ms = text === "0" ? 0 : parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue("is no duration; write it like 30s or 5m");
  return z.NEVER;
});
/** Names and texts; an absent text is an empty one, as Prometheus reads it. */
const texts = z
  .record(z.string(), z.string().nullable())
  .nullish()
  .transform((given) =>
    Object.fromEntries(Object.entries(given ?? {}).map(([name, text]) => [name, text ?? ""])),
  )
  .superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      const refuse = (message: string): void => context.addIssue({ code: "custom", path: [name], message });
      if (!/^[A-Za-z_]\w*$/.test(name)) refuse("is no label's name");
      if (name === "__name__") refuse("is the metric's name, and no label that can be set");
    }
  });
const wholeNumber = z
  .string()
  .regex(/^[+-]?\d+$/, "is no whole number")
  .transform(Number);

/** A rule as it is written; which of its fields go together is checked, too. */
export const ruleSchema = z
  .strictObject({
    record: z
      .string()
      .regex(/^(?:[A-Za-z_:][\w:]*)?$/, "is no metric's name")
      .nullish(),
    alert: z.string().nullish(),
    expr: z.string().nullish(),
    for: duration.nullish(),
    keep_firing_for: duration.nullish(),
    labels: texts,
    annotations: texts,
  })
  .superRefine((rule, context) => {
    const refuse = (field: string, message: string): void =>
      context.addIssue({ code: "custom", path: [field], message });
    if (rule.record && rule.alert) refuse("alert", "a rule has either alert or record");
    if (!rule.record && !rule.alert) refuse("alert", "a rule needs the name of its alert or record");
    if (!rule.expr) refuse("expr", "a rule needs an expression");
    if (!rule.record) return;
    if (rule.for) refuse("for", "is nothing that a recording rule has");
    if (rule.keep_firing_for) refuse("keep_firing_for", "is nothing that a recording rule has");
    if (Object.keys(rule.annotations).length > 0)
      refuse("annotations", "are nothing that a recording rule has");
  });
const groupSchema = z.strictObject({
  name: z.string().min(1, "a group needs a name"),
  interval: duration.nullish(),
  query_offset: duration.nullish(),
  limit: wholeNumber.nullish(),
  labels: texts,
  rules: z.array(z.looseObject({})).nullish(),
});
/** The groups of a file; their rules are read one by one, so that a fault in one hides none of another. */
export const ruleFile = z
  .strictObject({ groups: z.array(groupSchema).nullish() })
  .nullable()
  .transform((file) => file?.groups ?? []);

export type Group = z.infer<typeof groupSchema>;
