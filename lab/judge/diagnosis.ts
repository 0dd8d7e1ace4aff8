import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { Scenario } from "../../scenarios/scenario.ts";

export interface DiagnosisVerdict {
  readonly correct: boolean;
  /** For the debrief: why a wrong one is wrong, where the scenario states it. */
  readonly because: string | undefined;
}

export function judgeDiagnosis(
  given: Diagnosis,
  { accepted, refuted }: Scenario["diagnosis"],
): DiagnosisVerdict {
  const correct = accepted.some(
    ({ component, mechanism, scope }) =>
      component === given.component && mechanism === given.mechanism && scope === given.scope,
  );
  if (correct) return { correct, because: undefined };
  const against = refuted.find(
    ({ component, mechanism, scope }) =>
      (component ?? given.component) === given.component &&
      (mechanism ?? given.mechanism) === given.mechanism &&
      (scope ?? given.scope) === given.scope,
  );
  return { correct, because: against?.because };
}
