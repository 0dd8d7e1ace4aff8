import { nearest } from "../../lb/config/did-you-mean.ts";
import { CodedError } from "../../runtime/errors.ts";
import { findScenario, SCENARIOS } from "../../scenarios/index.ts";
import type { Scenario } from "../../scenarios/scenario.ts";

/** The word of `known` that was given. Throws CodedError USAGE with the nearest one. */
export function oneOf<T extends string>(what: string, given: string, known: readonly T[]): T {
  const found = known.find((word) => word === given);
  if (found !== undefined) return found;
  const meant = nearest(given, known);
  throw new CodedError(
    "USAGE",
    `there is no ${what} "${given}"${meant === undefined ? "" : `: did you mean ${meant}?`}`,
    { hint: `there is ${known.join(", ")}` },
  );
}

/** By alias or id. Throws CodedError USAGE with the nearest one; only aliases are listed, since ids give the answer away. */
export function scenarioNamed(given: string): Scenario {
  const found = findScenario(given);
  if (found) return found;
  const meant = nearest(
    given,
    SCENARIOS.map(({ alias }) => alias),
  );
  throw new CodedError(
    "USAGE",
    `there is no incident "${given}"${meant === undefined ? "" : `: did you mean ${meant}?`}`,
    { hint: `there is ${SCENARIOS.map(({ alias }) => alias).join(", ")}` },
  );
}
