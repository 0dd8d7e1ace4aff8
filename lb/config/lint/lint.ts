import { formatFault, type Fault, type Path } from "../../../runtime/yaml/fault.ts";
import { RULES } from "./rules/index.ts";
import type { LintFacts, Rule } from "./rule.ts";

/** What a rule found, and where. */
export interface Finding extends Fault {
  readonly code: string;
  readonly severity: Rule["severity"];
}

/** More would be no help, and a pool may have thousands. */
const MAX_FINDINGS = 200;

/** The findings of all rules on a configuration that can be read, in the order of its text. */
export function lint(facts: LintFacts, faultAt: (path: Path, message: string) => Fault): readonly Finding[] {
  return RULES.flatMap((rule) => rule.find(facts).map((remark) => ({ rule, ...remark })))
    .slice(0, MAX_FINDINGS)
    .map(({ rule: { code, severity }, path, message }) => ({ ...faultAt(path, message), code, severity }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** `file:line:column: warning UNEVEN_WEIGHTS: path: message` */
export function formatFinding(finding: Finding): string {
  const place = `${finding.file}:${finding.line}:${finding.column}: `;
  return `${place}${finding.severity} ${finding.code}: ${formatFault(finding).slice(place.length)}`;
}
