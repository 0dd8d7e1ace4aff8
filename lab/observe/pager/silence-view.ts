import type { LabelMatcher } from "../samples.ts";
import type { Silence } from "./silences.ts";

/** A matcher as Alertmanager's API has it. */
export interface MatcherView {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

export const labelMatcher = ({ name, value, isRegex, isEqual }: MatcherView): LabelMatcher => ({
  label: name,
  op: isRegex ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!=",
  value,
});

/** A silence as Alertmanager's API shows it. */
export interface SilenceView {
  readonly id: string;
  readonly matchers: readonly MatcherView[];
  /** ISO 8601. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly status: { readonly state: "expired" | "pending" | "active" };
}

export const silenceView = (
  { id, matchers, startsAt, endsAt, updatedAt, createdBy, comment }: Silence,
  now: number,
): SilenceView => ({
  id,
  matchers: matchers.map(({ label, op, value }) => ({
    name: label,
    value,
    isRegex: op.endsWith("~"),
    isEqual: op.startsWith("="),
  })),
  startsAt: new Date(startsAt).toISOString(),
  endsAt: new Date(endsAt).toISOString(),
  updatedAt: new Date(updatedAt).toISOString(),
  createdBy,
  comment,
  status: { state: endsAt <= now ? "expired" : startsAt > now ? "pending" : "active" },
});
