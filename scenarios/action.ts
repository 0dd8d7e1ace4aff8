import { z } from "zod";

/**
 * All acts on the lab: the command line, the control API, responders and the fix lists of scenarios use these and only
 * these.
 */
const unitVerbs = ["start", "stop", "restart", "kill", "enable", "disable"] as const;
const name = z.string().min(1).max(64);

export const action = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("config apply"),
    yaml: z.string(),
    /** The text's file, for messages about its faults. */
    file: z.string().max(1000).optional(),
    reason: z.string().max(200).optional(),
    /** The version that the text was made from: refused when another one is active. */
    over: z.int().min(0).optional(),
  }),
  z.strictObject({ do: z.literal("config rollback"), version: z.int().min(1).optional() }),
  ...unitVerbs.map((verb) => z.strictObject({ do: z.literal(`unit ${verb}` as const), unit: name })),
  z.strictObject({ do: z.literal("unit config"), unit: name, set: z.record(z.string(), z.string()) }),
  z.strictObject({ do: z.literal("package uninstall"), package: name }),
  z.strictObject({ do: z.literal("change revert"), change: name }),
  z.strictObject({ do: z.enum(["upstream drain", "upstream enable"]), upstream: name }),
  z.strictObject({ do: z.literal("upstream weight"), upstream: name, weight: z.int().min(0).max(256) }),
]);

export type Action = z.infer<typeof action>;
/** An act on one upstream, in effect until the balancer's next start. */
export type UpstreamAction = Extract<Action, { readonly upstream: string }>;

/** The action as a command line. */
export function describeAction(step: Action): string {
  switch (step.do) {
    case "config apply":
      return "config apply FILE";
    case "config rollback":
      return step.version === undefined ? step.do : `${step.do} ${step.version}`;
    case "unit config":
      return `${step.do} ${step.unit} ${Object.entries(step.set)
        .map(([key, value]) => `${key}=${value}`)
        .join(" ")}`;
    case "package uninstall":
      return `${step.do} ${step.package}`;
    case "change revert":
      return `${step.do} ${step.change}`;
    case "upstream weight":
      return `${step.do} ${step.upstream} ${step.weight}`;
    case "upstream drain":
    case "upstream enable":
      return `${step.do} ${step.upstream}`;
    case "unit start":
    case "unit stop":
    case "unit restart":
    case "unit kill":
    case "unit enable":
    case "unit disable":
      return `${step.do} ${step.unit}`;
  }
}
