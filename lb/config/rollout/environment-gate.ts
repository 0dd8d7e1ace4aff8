import { PushRefused } from "./push.ts";

/**
 * Throws PushRefused when what is `given` is meant for another environment than the one that is served, or does not say
 * which. A balancer without an environment takes everything.
 */
export function requireEnvironment(
  served: string | undefined,
  given: string | undefined,
  what: "the configuration" | "the change",
): void {
  if (served === undefined || given === served) return;
  const named = given === undefined ? "for no environment" : `for ${given}`;
  throw new PushRefused("environment", `${what} is ${named}, and this balancer serves ${served}`, {
    hint: "look at which balancer this is before anything else",
  });
}
