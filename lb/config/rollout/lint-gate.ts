import { formatFinding, type Finding } from "../lint/lint.ts";
import type { LintOptions } from "./options.ts";
import { PushRefused } from "./push.ts";

/** The findings for which a configuration is refused. */
export const refusingFindings = (
  findings: readonly Finding[],
  { refuse, also, except }: LintOptions,
): readonly Finding[] =>
  findings.filter(
    ({ code, severity }) =>
      !except.includes(code) &&
      (also.includes(code) || refuse === "warnings" || (refuse === "errors" && severity === "error")),
  );

/** Throws PushRefused with the findings that are why. */
export function requireClean(findings: readonly Finding[], options: LintOptions): void {
  const found = refusingFindings(findings, options);
  if (found.length === 0) return;
  const codes = [...new Set(found.map(({ code }) => code))].join(", ");
  throw new PushRefused(
    "lint",
    [`lint refuses the configuration: ${codes}`, ...found.map(formatFinding)].join("\n"),
    {
      findings: found,
      hint: "mend what each finding names, or let its code pass by rollout.lint.except",
    },
  );
}
