import { z } from "zod";

/**
 * All acts on the lab: the command line, the control API, responders and the fix lists of scenarios use these and only
 * these.
 */
const unitVerbs = ["start", "stop", "restart", "kill", "enable", "disable"] as const;
const name = z.string().min(1).max(64);

/** A canary's options as people write them: `10%`, `1m`, `cookie:NAME`. */
const word = z.string().min(1).max(100).optional();
const canaryWords = z.strictObject({
  share: word,
  step: word,
  every: word,
  bake: word,
  user: word,
  inconclusive: word,
});

export const action = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("config apply"),
    yaml: z.string(),
    /** The text's file, for messages about its faults. */
    file: z.string().max(1000).optional(),
    reason: z.string().max(200).optional(),
    /** The version that the text was made from: refused when another one is active. */
    over: z.int().min(0).optional(),
    /** Tried on a part of the users beside the active one, with these options over the configuration's; absent: for all at once. */
    canary: canaryWords.optional(),
  }),
  z.strictObject({ do: z.enum(["config promote", "config abort"]), reason: z.string().max(200).optional() }),
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

/** The end of a canary by hand. */
export type CanaryEndAction = Extract<Action, { readonly do: "config promote" | "config abort" }>;

/** The action as a command line. */
export function describeAction(step: Action): string {
  switch (step.do) {
    case "config apply":
      return step.canary === undefined ? "config apply FILE" : "config apply FILE --canary";
    case "config promote":
    case "config abort":
      return step.do;
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
