import type { UpstreamAction } from "../../scenarios/action.ts";

/** An action's change of its upstream, as a patch for the balancer's admin API. */
export function upstreamPatch(step: UpstreamAction): {
  readonly weight?: number;
  readonly state?: "ready" | "drain";
} {
  switch (step.do) {
    case "upstream drain":
      return { state: "drain" };
    case "upstream enable":
      return { state: "ready" };
    case "upstream weight":
      return { weight: step.weight };
  }
}
