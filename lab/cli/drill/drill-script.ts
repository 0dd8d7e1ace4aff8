import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { isPath } from "./incident.ts";
import { findScenario, SCENARIOS } from "../../../scenarios/index.ts";
import type { Result } from "../../drill/result.ts";
import { readDocument } from "../../../runtime/yaml/document.ts";
import type { Path } from "../../../runtime/yaml/fault.ts";
import type { Position } from "../../../runtime/yaml/positions.ts";

/** An instructor's drill, as its YAML file has it. */
const drillScript = z.strictObject({
  scenario: z
    .string()
    .refine((name) => findScenario(name) !== undefined || isPath(name), {
      error: `must be an alias or id of a scenario: ${SCENARIOS.map(({ alias }) => alias).join(", ")}; or the path of one of your own`,
    })
    .describe("Alias or id, or a path beside the script; the trainee sees the alias only"),
  seed: z.int().min(0).default(1),
  timeLimitMinutes: z.number().positive().max(480).optional().describe("Absent: no limit"),
  briefing: z.string().optional().describe("Said to the trainee beside the scenario's own brief"),
  goOn: z
    .boolean()
    .default(false)
    .describe("true: a repair that did not last is no end, the drill goes on until one does or time is up"),
  responder: z
    .enum(["trainee", "auto"])
    .default("trainee")
    .describe("auto: the responder stands in, to try the script"),
  with: z
    .record(z.string(), z.record(z.string(), z.string()))
    .optional()
    .describe("Corrective measures that are on, with their options: canary: { start: 20% }"),
  without: z.array(z.string()).optional().describe("Measures that are always on, left out"),
  pass: z
    .strictObject({
      durable: z.boolean().default(true).describe("The repair must outlast a restart of all units"),
      diagnosis: z.boolean().default(true).describe("The cause must be named rightly"),
      restoreWithinMinutes: z.number().positive().optional(),
      maxHints: z.int().min(0).optional(),
      maxWrongActions: z.int().min(0).optional(),
    })
    .prefault({})
    .describe("What it takes to pass; users must be well in any case"),
});

export type DrillScript = z.infer<typeof drillScript>;

/** Throws CodedError CONFIG_INVALID with `file:line:column: path: what is wrong` for every fault. */
export function readDrillScript(path: string): DrillScript {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CodedError("USAGE", `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  const { value, readable, positions, faults: unread } = readDocument(text);
  const faultAt = ({ line, column }: Position, at: Path, message: string): string =>
    `${path}:${line}:${column}: ${at.join(".") || "(whole file)"}: ${message}`;
  const parsed = readable ? drillScript.safeParse(value) : undefined;
  if (parsed?.success === true && unread.length === 0) {
    const { scenario, ...rest } = parsed.data;
    const isKnown = findScenario(scenario) !== undefined;
    return { ...rest, scenario: isKnown ? scenario : resolve(dirname(path), scenario) };
  }
  const faults = unread.map((fault) => faultAt(fault, fault.path, fault.message));
  for (const issue of parsed?.error?.issues ?? []) {
    const at = issue.path as Path;
    if (issue.code === "unrecognized_keys")
      for (const key of issue.keys)
        faults.push(faultAt(positions.ofKey([...at, key]), [...at, key], "there is no such setting"));
    else faults.push(faultAt(positions.ofValue(at), at, issue.message));
  }
  throw new CodedError("CONFIG_INVALID", faults.join("\n"));
}

export interface PassVerdict {
  /** Null: a measure left nothing to pass or to fail. */
  readonly passed: boolean | null;
  /** One line for each condition that was missed; what follows from another one is not repeated. */
  readonly missed: readonly string[];
}

export function judgeScript({ pass }: DrillScript, result: Result): PassVerdict {
  if (result.outcome !== undefined && result.resetEqual !== false) return { passed: null, missed: [] };
  const missed: string[] = [];
  const restore = result.measured.secondsToRestore;
  if (result.check !== "OK") missed.push("users are not well");
  else {
    if (pass.durable && !result.durable) missed.push("the repair does not outlast a restart");
    const { restoreWithinMinutes: within } = pass;
    if (within !== undefined && (restore === null || restore > within * 60))
      missed.push(`users were not well within ${within} min`);
  }
  if (pass.diagnosis && result.diagnosis?.correct !== true) missed.push("the cause was not named");
  if (pass.maxHints !== undefined && result.hints > pass.maxHints)
    missed.push(`${result.hints} hints were taken`);
  if (pass.maxWrongActions !== undefined && result.wrongActions.length > pass.maxWrongActions)
    missed.push(`${result.wrongActions.length} wrong actions`);
  if (result.resetEqual === false) missed.push("the lab could not be put back: something was done past it");
  return { passed: missed.length === 0, missed };
}

/** What a trainee has to know before a drill begins: its time limit, and what it takes to pass. */
export function termsText({ timeLimitMinutes, pass, goOn }: DrillScript): string {
  const marks = [
    "users are well",
    ...(pass.restoreWithinMinutes === undefined
      ? []
      : [`within ${pass.restoreWithinMinutes} min of the change`]),
    ...(pass.durable ? ["the repair outlasts a restart of all units"] : []),
    ...(pass.diagnosis ? ["the cause is named (lblab diagnose)"] : []),
    ...(pass.maxHints === undefined ? [] : [`at most ${pass.maxHints} hints`]),
    ...(pass.maxWrongActions === undefined ? [] : [`at most ${pass.maxWrongActions} wrong actions`]),
  ];
  return [
    timeLimitMinutes === undefined
      ? "There is no time limit."
      : `Time limit: ${timeLimitMinutes} min from when users feel it; then the drill ends by itself.`,
    `To pass: ${marks.join("; ")}.`,
    ...(goOn ? ["A repair that does not last is not the end: you go on."] : []),
  ].join("\n");
}
