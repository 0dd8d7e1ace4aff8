import type { AppliedVersion } from "../config-control.ts";
import type { ConfigVersion } from "../history.ts";
import type { CanaryControlDeps } from "./canary-control.ts";
import type { AdmittedCanary } from "./canary-start.ts";

export interface PromotedCanary extends AdmittedCanary {
  /** The version that it takes the place of. */
  readonly stableVersion: number;
}

/** The file first: what cannot be kept is not put in force, and the canary goes on. `ended` is called when it is in force. */
export function promoteCanary(
  { store, balancer, gate, onResult }: CanaryControlDeps,
  { version, stableVersion, findings, push, config }: PromotedCanary,
  ended: () => void,
): AppliedVersion {
  let kept: ConfigVersion;
  try {
    // It was admitted when it began, and changes may have been frozen since.
    gate?.admit(push);
    gate?.record(push, version.version, config);
    kept = store.promoteCanary(version.version, stableVersion);
  } catch (error) {
    gate?.refused(push, error);
    throw error;
  }
  balancer.promoteCanary();
  store.settled(kept.version);
  onResult("success");
  ended();
  gate?.applied(push, kept.version);
  return { ...kept, findings };
}
