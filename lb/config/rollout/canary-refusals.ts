import { CodedError } from "../../../runtime/errors.ts";
import type { BalancerConfig } from "../schema.ts";
import type { CanaryOptions } from "./canary.ts";
import { canaryOptions } from "./options.ts";

/** A change beside a canary that runs. */
export const canaryRuns = (version: number): CodedError =>
  new CodedError("CANARY_RUNNING", `version ${version} is a canary: one change at a time`, {
    hint: "promote or abort it first",
  });

/** What was asked for, over what the configuration in force says. Throws USAGE. */
export function optionsOf(
  given: Partial<CanaryOptions>,
  { rollout, trustedProxies }: BalancerConfig,
): CanaryOptions {
  const checked = canaryOptions.safeParse({ ...rollout?.canary, ...given });
  if (!checked.success) {
    const issues = checked.error.issues.map(({ path, message }) => [...path, message].join(": "));
    throw new CodedError("USAGE", `canary: ${issues.join("; ")}`);
  }
  if (checked.data.user === "peer" && trustedProxies.length > 0)
    throw new CodedError("USAGE", "canary: behind a trusted proxy every user has the proxy's address", {
      hint: "say by user which cookie or header says whose a request is: cookie:NAME or header:NAME",
    });
  return checked.data;
}
