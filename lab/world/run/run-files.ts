import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Where a lab keeps what belongs to one run of it. */
export interface RunPaths {
  readonly root: string;
  readonly supervisor: string;
  readonly children: string;
  readonly token: string;
  readonly claim: string;
  /** One secret a file, for the owner only; gone when the run ends. */
  readonly secrets: string;
  /** One JSON configuration a unit. */
  readonly units: string;
  /** One log a unit. */
  readonly logs: string;
}

export function runPaths(root: string): RunPaths {
  const at = (name: string) => join(root, name);
  return {
    root,
    supervisor: at("supervisor.json"),
    children: at("children.json"),
    token: at("token"),
    claim: at("claim.json"),
    secrets: at("secrets"),
    units: at("units"),
    logs: at("logs"),
  };
}

/** The environment variable by which a process is known to belong to a run: it holds the run's marker. */
export const MARKER_VARIABLE = "LBLAB_RUN";

const identity = { pid: z.int().min(1), startTime: z.string() };

export const supervisorFile = z.object({
  ...identity,
  marker: z.string(),
  /** The run's id in its control API. */
  instance: z.string().optional(),
  base: z.int(),
  ports: z.array(z.int()),
  /** ISO 8601. */
  startedAt: z.string(),
  /** The drill that runs or ran last. */
  drill: z.string().optional(),
});
export type SupervisorFile = z.infer<typeof supervisorFile>;

export const childrenFile = z.object({
  marker: z.string(),
  children: z.array(z.object({ ...identity, unit: z.string() })),
});
export type ChildrenFile = z.infer<typeof childrenFile>;
export type ChildRecord = ChildrenFile["children"][number];

export const claimFile = z.object(identity);

/** The content of a file of the run; undefined when it is missing or does not fit the schema. */
export function readRunFile<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}
