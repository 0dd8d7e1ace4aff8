import { z } from "zod";

/**
 * All acts on the lab: the command line, the control API, responders and the fix lists of scenarios use these and only
 * these.
 */
const unitVerbs = ["start", "stop", "restart", "kill", "enable", "disable"] as const;
const name = z.string().min(1).max(64);

const reason = z.string().max(200).optional();

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
    reason,
    /** The version that the text was made from: refused when another one is active. */
    over: z.int().min(0).optional(),
    /** Tried on a part of the users beside the active one, with these options over the configuration's; absent: for all at once. */
    canary: canaryWords.optional(),
  }),
  z.strictObject({ do: z.enum(["config promote", "config abort"]), reason }),
  z.strictObject({
    do: z.literal("config propose"),
    yaml: z.string(),
    file: z.string().max(1000).optional(),
    reason,
    over: z.int().min(0).optional(),
  }),
  /** Of a proposal by its number, or of a change that a measure holds by its name, `held-1`. */
  z.strictObject({
    do: z.enum(["config approve", "config reject"]),
    proposal: z.string().regex(/^(held-)?[1-9]\d{0,8}$/, "is a number, or held-1"),
    reason,
  }),
  z.strictObject({
    do: z.literal("config freeze"),
    reason: z.string().trim().min(1).max(200),
    /** Absent: until somebody thaws. */
    seconds: z
      .number()
      .positive()
      .max(366 * 86_400)
      .optional(),
  }),
  z.strictObject({ do: z.literal("config thaw"), reason }),
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

/** A step of review or a freeze: it lets changes pass or keeps them, and is none. */
export type GuardAction = Extract<
  Action,
  {
    readonly do: "config propose" | "config approve" | "config reject" | "config freeze" | "config thaw";
  }
>;

const GUARD_ACTS: ReadonlySet<Action["do"]> = new Set<GuardAction["do"]>([
  "config propose",
  "config approve",
  "config reject",
  "config freeze",
  "config thaw",
]);

export const isGuardAction = (step: Action): step is GuardAction => GUARD_ACTS.has(step.do);

/** The action as a command line. */
export function describeAction(step: Action): string {
  switch (step.do) {
    case "config apply":
      return step.canary === undefined ? "config apply FILE" : "config apply FILE --canary";
    case "config propose":
      return "config propose FILE";
    case "config approve":
    case "config reject":
      return `${step.do} ${step.proposal}`;
    case "config promote":
    case "config abort":
    case "config freeze":
    case "config thaw":
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
